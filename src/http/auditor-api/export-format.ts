/** How an export is written. Rows are objects with the columns as keys. */
interface ExportFormat {
  readonly contentType: string
  head(columns: readonly string[]): string
  row(row: Readonly<Record<string, unknown>>, columns: readonly string[]): string
}

export type ExportFormatId = 'csv' | 'ndjson'

export const EXPORT_FORMATS: Readonly<Record<ExportFormatId, ExportFormat>> = {
  // RFC 4180; the byte order mark tells spreadsheets that it is UTF-8.
  csv: {
    contentType: 'text/csv; charset=utf-8; header=present',
    head: (columns) => `\ufeff${csvLine(columns)}`,
    row: (row, columns) => csvLine(columns.map((column) => cellText(row[column]))),
  },
  ndjson: {
    contentType: 'application/x-ndjson; charset=utf-8',
    head: () => '',
    row: (row) => `${JSON.stringify(row)}\n`,
  },
}

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`

/**
 * What a spreadsheet would take for a formula gets a `'` before it (OWASP CSV injection; ASVS 5.0 1.2.10). A cell may
 * begin not only where the text does: a spreadsheet that is set to semicolons or tabs begins one after each, and a
 * careless one at each line break, whatever is quoted.
 */
const FORMULA = /^(?=[\t\r\n\0])|(?<=^|[\r\n\t;])(?=[=+\-@＝＋－＠\0])/g
const NEEDS_QUOTES = /[",;\t\r\n]/

export function csvCell(text: string): string {
  const safe = text.replace(FORMULA, "'")
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
