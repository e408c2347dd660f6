import type { Bilingual } from '../../domain/bilingual.ts'
import { GatewayError } from '../../domain/problem.ts'

/** Why a PDF is not sealed. */
const REFUSALS = {
  'pdf-malformed': {
    vi: 'Tệp không phải PDF đọc được chắc chắn. Xuất lại PDF từ phần mềm soạn thảo.',
    en: 'The file is not a PDF that can be read with certainty. Export it again from the word processor.',
  },
  'pdf-encrypted': {
    vi: 'PDF được mã hóa hoặc đặt mật khẩu. Bỏ mật khẩu trước khi gửi.',
    en: 'The PDF is encrypted. Remove the protection first.',
  },
  'pdf-certified': {
    vi: 'Chữ ký chứng thực của PDF (DocMDP) không cho thay đổi gì thêm.',
    en: 'The certification signature of the PDF (DocMDP) allows no change.',
  },
  'pdf-locked': {
    vi: 'Một chữ ký trước đã khóa PDF, không cho ký thêm.',
    en: 'An earlier signature has locked the PDF against further ones.',
  },
  'pdf-form-xfa': {
    vi: 'PDF chứa biểu mẫu XFA, nội dung có thể tự đổi. Xuất lại thành PDF thường.',
    en: 'The PDF holds an XFA form, whose content may change by itself. Export it as a plain PDF.',
  },
  'pdf-signature-invalid': {
    vi: 'PDF có chữ ký không khớp nội dung: con dấu không được đặt lên văn bản đã bị sửa.',
    en: 'A signature of the PDF does not fit its content: no seal is set on a changed document.',
  },
  'nothing-to-cover': {
    vi: 'PDF không có chữ ký hiển thị để đóng dấu lên. Ký trước, hoặc nêu vị trí (position).',
    en: 'The PDF has no visible signature to set the seal on. Sign it first, or give a position.',
  },
  'position-off-page': {
    vi: 'Vị trí con dấu nằm ngoài trang. Nêu vị trí khác (position).',
    en: 'The seal would lie outside the page. Give another position.',
  },
  'page-unknown': { vi: 'Trang này không có trong PDF.', en: 'The PDF has no such page.' },
  'text-unwritable': {
    vi: 'Nội dung hiển thị có ký tự không in được.',
    en: 'The text to be shown holds characters that cannot be drawn.',
  },
  'image-missing': {
    vi: 'Khóa của cơ quan chưa có hình con dấu. Đề nghị quản trị bổ sung.',
    en: "The agency's key has no image of the seal. Have the operators add it.",
  },
  'image-malformed': {
    vi: 'Hình con dấu không phải PNG 8 bit đọc được.',
    en: 'The image of the seal is no PNG of 8 bits that can be read.',
  },
  'image-opaque': {
    vi: 'Hình con dấu phải có nền trong suốt (Nghị định 30/2020/NĐ-CP, Phụ lục I).',
    en: 'The image of the seal must have a transparent background (Decree 30/2020/NĐ-CP, appendix I).',
  },
  'image-not-red': {
    vi: 'Hình con dấu phải màu đỏ (Nghị định 30/2020/NĐ-CP, Phụ lục I).',
    en: 'The image of the seal must be red (Decree 30/2020/NĐ-CP, appendix I).',
  },
} as const satisfies Record<string, Bilingual>

export type SealRefusal = keyof typeof REFUSALS

/** The refusal `pdf-unsealable`, with its one reason. */
export const unsealable = (code: SealRefusal, found?: string): GatewayError =>
  new GatewayError('pdf-unsealable', {
    detail: REFUSALS[code],
    faults: [
      {
        code,
        severity: 'error',
        path: '#/body',
        ...(found !== undefined && { found }),
        hint: REFUSALS[code],
      },
    ],
  })
