import { AXIS_ERROR_CODES } from '../src/axis/error-codes.ts'
import { PROBLEMS, type ProblemCode, type ProblemRow } from '../src/domain/problem.ts'

const HEAD = `# Mã lỗi · Problem catalogue

<!-- Made from src/domain/problem.ts and src/axis/error-codes.ts by \`npm run problems\`. -->

Mọi câu trả lời không thành công của các cửa HTTP đều là một tài liệu \`application/problem+json\` (RFC 9457) mang một
trong các mã dưới đây ở \`code\`, cùng nội dung tại \`/problems/{code}\`. Riêng \`/oauth2/token\` trả lỗi theo RFC 6749 §5.2.

Every answer of the HTTP doors that is not a success is an \`application/problem+json\` document (RFC 9457) with one of
these codes in \`code\`; the same text stands at \`/problems/{code}\`. \`/oauth2/token\` alone answers by RFC 6749 §5.2.

**Gửi lại / retry**: có nghĩa là cùng yêu cầu đó, không sửa, có thể thành công về sau · yes means that the same request,
unchanged, may succeed later.

**axis**: \`ErrorCode\` trong câu trả lời của cửa trục liên thông (HTTP 200, JSON); khi mọi nơi nhận đều đã đóng thì là 23 thay cho
18 · the \`ErrorCode\` in answers of the axis interface (HTTP 200, JSON); 23 in place of 18 where every recipient has closed.
`

/** docs/problems.md: every problem with its status, whether to retry, and its texts in Vietnamese and English. */
export function problemCatalogue(): string {
  const rows = (Object.entries(PROBLEMS) as [ProblemCode, ProblemRow][]).sort(
    ([a, one], [b, other]) => one.status - other.status || a.localeCompare(b, 'en'),
  )
  const lines = rows.map(
    ([code, { status, retryable, title, advice }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'có / yes' : 'không / no'} | ${AXIS_ERROR_CODES[code]} | ${title.vi}. ${advice.vi} | ${title.en}. ${advice.en} |`,
  )
  return [
    HEAD,
    '| code | HTTP | retry | axis | tiếng Việt | English |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n')
}
