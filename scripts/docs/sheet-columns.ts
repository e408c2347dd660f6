import { AGENCY_COLUMNS } from '../../src/sheets/agency-columns.ts'
import { SHEET_LIMITS } from '../../src/sheets/limits.ts'
import { RULE_COLUMNS } from '../../src/sheets/rule-columns.ts'
import type { Column } from '../../src/sheets/table.ts'
import { table } from './markdown.ts'

const columnsOf = (columns: readonly Column[]): string =>
  table(
    ['cột', 'column', 'ý nghĩa', 'meaning', 'giá trị · value'],
    columns.map(({ name, help, reader, required }) => [
      required === true ? `**${name.vi}**` : name.vi,
      required === true ? `**${name.en}**` : name.en,
      help.vi,
      help.en,
      `${reader.expected.vi} · ${reader.expected.en}`,
    ]),
  )

/** docs/sheet-columns.md: the columns of files that are imported and exported. */
export const sheetColumns = (): string => `# Các cột của tệp CSV, XLSX · Columns of CSV and XLSX files

<!-- Made from src/sheets/rule-columns.ts and agency-columns.ts by \`npm run docs\`. -->

Tên cột nào cũng được hiểu, tiếng Việt hay tiếng Anh, theo thứ tự bất kỳ; cột in đậm là bắt buộc. Mã phải là văn bản:
ô kiểu số bị từ chối vì có thể đã mất số 0. Tối đa ${SHEET_LIMITS.rows} dòng, ${SHEET_LIMITS.columns} cột. Cách làm: [how-to/routing-tables.md](how-to/routing-tables.md).

Columns are known by either name, in any order; those in bold must be there. Codes are texts: a number cell is refused,
for it may have lost its zeros. At most ${SHEET_LIMITS.rows} rows and ${SHEET_LIMITS.columns} columns. How to: [how-to/routing-tables.md](how-to/routing-tables.md).

## Bảng định tuyến · Routing table

${columnsOf(RULE_COLUMNS)}

## Danh bạ · Agencies

${columnsOf(AGENCY_COLUMNS)}
`
