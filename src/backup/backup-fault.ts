import type { Bilingual } from '../domain/bilingual.ts'
import type { Fault } from '../domain/fault.ts'

/** What can be wrong with a backup, or with where it is to be restored. */
const HINTS = {
  'file-missing': { vi: 'Thiếu tệp này.', en: 'This file is missing.' },
  'bytes-differ': {
    vi: 'Nội dung không đúng như lúc sao lưu.',
    en: 'Its bytes are not those that were backed up.',
  },
  'rows-differ': {
    vi: 'Số hàng không đúng như lúc sao lưu.',
    en: 'It has another number of rows than were backed up.',
  },
  'signature-invalid': {
    vi: 'Chữ ký của bản sao lưu không hợp lệ.',
    en: 'The signature of the backup is not valid.',
  },
  'signer-untrusted': {
    vi: 'Chứng thư ký không dẫn tới gốc tin cậy trong TRAM_TRUST.',
    en: "The signer's certificate does not lead to an anchor in TRAM_TRUST.",
  },
  'signer-unknown': {
    vi: 'Người ký không phải là trục này. Nếu khóa con dấu đã thay, nêu vân tay chứng thư cũ bằng --signer.',
    en: 'The signer is not this gateway. Where the seal key was exchanged, name the old certificate by --signer.',
  },
  'manifest-unreadable': { vi: 'Bản kê không đọc được.', en: 'The manifest cannot be read.' },
  'name-differs': {
    vi: 'Thư mục đã bị đổi tên hoặc tráo với bản sao lưu khác.',
    en: 'The folder was renamed, or stands in the place of another backup.',
  },
  'schema-newer': {
    vi: 'Bản sao lưu thuộc một phiên bản Tram mới hơn. Khôi phục bằng phiên bản đó.',
    en: 'The backup is of a newer release. Restore it with that one.',
  },
  'database-not-empty': {
    vi: 'Cơ sở dữ liệu đã có dữ liệu. Chỉ khôi phục vào cơ sở dữ liệu trống.',
    en: 'The database holds data. Restore into an empty one only.',
  },
  'blobs-not-empty': {
    vi: 'Kho tệp (TRAM_BLOBS) đã có tệp. Chỉ khôi phục vào thư mục trống.',
    en: 'The blob store (TRAM_BLOBS) holds files. Restore into an empty folder only.',
  },
} as const satisfies Record<string, Bilingual>

export type BackupFaultCode = keyof typeof HINTS

/** @param path of the file in the backup, or what else is meant */
export const backupFault = (code: BackupFaultCode, path: string, found?: string): Fault => ({
  code,
  severity: 'error',
  path,
  ...(found !== undefined && { found }),
  hint: HINTS[code],
})
