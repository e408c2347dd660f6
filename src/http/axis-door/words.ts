import type { Bilingual } from '../../domain/bilingual.ts'
import { PROBLEMS, type ProblemCode, type ProblemRow } from '../../domain/problem.ts'

type Words = Pick<ProblemRow, 'title' | 'advice'>

const NAMED: Bilingual = {
  vi: 'Sửa điều vừa nêu rồi gửi lại.',
  en: 'Mend what is named here and send again.',
}

/** Where the words of problem documents speak of what other doors have: tokens, lists of errors, OpenAPI documents. */
const AT_THIS_DOOR: Partial<Record<ProblemCode, Partial<Words>>> = {
  'request-malformed': { advice: NAMED },
  'request-invalid': { advice: NAMED },
  'packet-malformed': { advice: NAMED },
  'packet-invalid': { advice: NAMED },
  'recipients-unresolvable': { advice: NAMED },
  'client-invalid': {
    advice: {
      vi: 'systemid, secret, mạng và độ lệch giờ của hệ thống do quản trị trục ghi nhận.',
      en: "The gateway's operators keep the system's systemid, secret, networks and clock tolerance.",
    },
  },
  'certificate-mismatch': {
    title: {
      vi: 'Kết nối không trình chứng thư đã đăng ký cho hệ thống này',
      en: 'The connection does not show the certificate that is registered for this system',
    },
    advice: {
      vi: 'Gọi thẳng cửa này bằng TLS với chứng thư ấy; quản trị trục xem TRAM_AXIS_TLS_CLIENT_CA và tram axis-system show.',
      en: 'Call this door itself over TLS with that certificate; operators see TRAM_AXIS_TLS_CLIENT_CA and tram axis-system show.',
    },
  },
  'scope-insufficient': {
    advice: { vi: 'Quyền do quản trị trục cấp.', en: "The gateway's operators give rights." },
  },
  'sender-mismatch': {
    title: {
      vi: 'Nơi gửi không phải là cơ quan mà hệ thống phục vụ',
      en: 'The system does not serve the sender',
    },
    advice: {
      vi: 'Gửi với from và From/OrganId của cơ quan mà hệ thống phục vụ; quản trị trục ghi thêm cơ quan (--serves).',
      en: "Send with from and From/OrganId of an agency that the system serves; the gateway's operators add agencies (--serves).",
    },
  },
  'not-found': {
    advice: { vi: 'Kiểm tra tên thao tác và mã.', en: 'Check the name of the operation and the number.' },
  },
  'method-not-allowed': {
    advice: {
      vi: 'downloadEdoc dùng GET, mọi thao tác khác dùng POST.',
      en: 'downloadEdoc takes GET, every other operation POST.',
    },
  },
}

/** What is told of a problem to clients of the axis interface, who see one line of text and nothing else. */
export const wordsOf = (code: ProblemCode): Words => {
  const { title, advice } = PROBLEMS[code]
  return { title, advice, ...AT_THIS_DOOR[code] }
}
