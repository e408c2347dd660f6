import type { Bilingual } from '../../domain/bilingual.ts'
import type { TimestampKind } from '../timestamp/checked-timestamp.ts'

/** What a token stands over: each kind proves those below it, and archives prove older archives. */
export const RANK: Record<TimestampKind, number> = {
  content: 0,
  signature: 1,
  references: 2,
  'validation-data': 2,
  archive: 3,
  document: 3,
  container: 3,
}
export const ARCHIVE = 3

/**
 * Whether a token of the kind stands over the signature value, so that it proves that the signature was there. One over
 * content, or over references to validation data, fits every later signature of the same content or signer.
 */
export const isOverValue = (kind: TimestampKind): boolean => kind !== 'content' && kind !== 'validation-data'

/** What a proven time comes from. */
export const SOURCES: Record<TimestampKind, Bilingual> = {
  content: { vi: 'dấu thời gian trên nội dung', en: 'a timestamp over the content' },
  signature: { vi: 'dấu thời gian trên chữ ký', en: 'a timestamp over the signature' },
  references: {
    vi: 'dấu thời gian trên chữ ký và dữ liệu kiểm tra',
    en: 'a timestamp over the signature and references to validation data',
  },
  'validation-data': { vi: 'dấu thời gian trên dữ liệu kiểm tra', en: 'a timestamp over validation data' },
  archive: { vi: 'dấu thời gian lưu trữ', en: 'an archive timestamp' },
  document: { vi: 'dấu thời gian trên tài liệu', en: 'a document timestamp' },
  container: { vi: 'dấu thời gian trên gói ASiC', en: 'a timestamp over the container' },
}
