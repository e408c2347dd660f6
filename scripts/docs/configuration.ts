import { CONFIG_VARIABLES, type VariableRow } from '../../src/config.ts'
import { table } from './markdown.ts'

const defaultOf = ({ default: value }: VariableRow): string => {
  if (value === undefined) return '**bắt buộc · required**'
  return value === null || value === '' ? '—' : `\`${value}\``
}

/** docs/configuration.md: every variable that Tram reads. */
export function configuration(): string {
  const rows: [string, VariableRow][] = Object.entries(CONFIG_VARIABLES)
  return `# Cấu hình · Configuration

<!-- Made from src/config/variables.ts by \`npm run docs\`. -->

Trạm chỉ đọc các biến môi trường này; sai ở đâu thì báo hết một lượt và không khởi động. Biến rỗng là biến không đặt.

Tram reads these environment variables and no others; what is wrong is told all at once, and the process does not start.
An empty variable is one that is not set.

${table(
  ['biến · variable', 'mặc định · default', 'tiến trình · read by', 'ý nghĩa · purpose'],
  rows.map(([name, row]) => [
    `\`${name}\`${row.secret ? ' (bí mật · secret)' : ''}`,
    defaultOf(row),
    row.usedBy.join(', '),
    row.purpose,
  ]),
)}
`
}
