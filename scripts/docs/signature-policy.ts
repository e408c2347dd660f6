import { INDICATIONS, SUB_INDICATIONS } from '../../src/domain/indication.ts'
import { LEVELS, POLICY_CHECKS } from '../../src/signature/policy/policy-checks.ts'
import { table } from './markdown.ts'

const INTRODUCTION = `# Chính sách chữ ký · The policy for signatures

Made from \`src/signature/policy/policy-checks.ts\` and \`src/domain/indication.ts\` by \`npm run docs\`.

Mỗi chữ ký được kiểm tra theo ETSI EN 319 102-1 và có một kết luận. Chính sách là tệp JSON: với mỗi phép kiểm tra, không
đạt thì \`fail\` (không kết luận hợp lệ), \`warn\` (vẫn hợp lệ, có cảnh báo) hoặc \`ignore\` (bỏ qua, vẫn ghi lại).
\`TRAM_SIGNATURE_POLICY\` chỉ tới một tệp hoặc một thư mục; không đặt thì dùng chính sách đi kèm
(\`src/signature/policy/files\`). Đúng một tệp không có \`documentTypes\`: nó dùng cho mọi văn bản không được nêu tên.
Loại văn bản do nơi gửi ghi trong gói tin, nên chính sách cho một loại không nên nhẹ hơn chính sách chung.

Every signature is validated by ETSI EN 319 102-1 and has one indication. A policy is a JSON file: a check that does not
pass may \`fail\` (the signature is not TOTAL_PASSED), \`warn\` (it is, and that is said) or be told and \`ignore\`d.
\`TRAM_SIGNATURE_POLICY\` names a file or a folder; without it the built-in policy holds (\`src/signature/policy/files\`).
Exactly one file has no \`documentTypes\`: it is for every document that no other names. The type is what the sender wrote
into the packet, so a policy for one type should not be milder than the general one.

\`\`\`json
{ "id": "my-ministry", "documentTypes": ["Quyết định", "Thông tư"], "checks": { "timestamp-missing": "fail" } }
\`\`\`

\`tram document verify ID [--time T]\` kiểm tra lại chữ ký của một văn bản đã lưu, chỉ từ nội dung và bằng chứng đã lưu,
theo gốc tin cậy hiện tại. · verifies a stored document again, from stored bytes and stored evidence alone, by the trust of
today; exit code 1 where the legal value is lower than at intake.

[schemas/signature-policy.json](../schemas/signature-policy.json) describes the file. Unknown checks, and levels below the
mildest, keep the gateway from starting.
`

/** docs/signature-policy.md */
export function signaturePolicy(): string {
  const checks = Object.entries(POLICY_CHECKS).map(([id, row]) => [
    `\`${id}\``,
    row.vi,
    row.en,
    row.standard,
    row.least,
    `\`${row.sub}\``,
  ])
  const subs = Object.entries(SUB_INDICATIONS).map(([id, { of, vi, en }]) => [`\`${id}\``, of, vi, en])
  const words = Object.entries(INDICATIONS).map(([id, { vi, en }]) => [`\`${id}\``, vi, en])
  return [
    INTRODUCTION,
    '## Phép kiểm tra · Checks\n',
    table(['check', 'không đạt khi', 'does not pass where', 'standard', 'mildest', 'then'], checks),
    '\n## Kết luận · Indications\n',
    table(['indication', 'nghĩa', 'meaning'], words),
    '',
    table(['sub-indication', 'of', 'nghĩa', 'meaning'], subs),
    '',
  ].join('\n')
}

/** schemas/signature-policy.json */
export function signaturePolicySchema(): string {
  const checks = Object.entries(POLICY_CHECKS).map(([id, { en, least, standard }]) => [
    id,
    { description: `${en}; ${standard} unless told`, enum: LEVELS.slice(LEVELS.indexOf(least)) },
  ])
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A policy for signatures',
    type: 'object',
    required: ['id'],
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      id: { type: 'string', minLength: 1, description: 'Stands in every report' },
      note: { type: 'string' },
      documentTypes: {
        type: 'array',
        items: { type: 'string' },
        description: 'Names or numbers of types as envelopes have them; empty for every other document',
      },
      checks: { type: 'object', additionalProperties: false, properties: Object.fromEntries(checks) },
    },
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}
