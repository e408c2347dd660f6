import { PROBLEMS, type ProblemCode, type ProblemRow } from '../src/domain/problem.ts'

const HEAD = `# Mã lỗi · Problem catalogue

<!-- Made from src/domain/problem.ts by \`npm run problems\`. -->

Mọi câu trả lời không thành công của các cửa HTTP đều là một tài liệu \`application/problem+json\` (RFC 9457) mang một
trong các mã dưới đây ở \`code\`, cùng nội dung tại \`/problems/{code}\`. Riêng \`/oauth2/token\` trả lỗi theo RFC 6749 §5.2.

Every answer of the HTTP doors that is not a success is an \`application/problem+json\` document (RFC 9457) with one of
these codes in \`code\`; the same text stands at \`/problems/{code}\`. \`/oauth2/token\` alone answers by RFC 6749 §5.2.

**Gửi lại / retry**: có nghĩa là cùng yêu cầu đó, không sửa, có thể thành công về sau · yes means that the same request,
unchanged, may succeed later.
`

/** docs/problems.md: every problem with its status, whether to retry, and its texts in Vietnamese and English. */
export function problemCatalogue(): string {
  const rows = (Object.entries(PROBLEMS) as [ProblemCode, ProblemRow][]).sort(
    ([a, one], [b, other]) => one.status - other.status || a.localeCompare(b, 'en'),
  )
  const lines = rows.map(
    ([code, { status, retryable, title, advice }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'có / yes' : 'không / no'} | ${title.vi}. ${advice.vi} | ${title.en}. ${advice.en} |`,
  )
  return [HEAD, '| code | HTTP | retry | tiếng Việt | English |', '|---|---|---|---|---|', ...lines, ''].join(
    '\n',
  )
}
