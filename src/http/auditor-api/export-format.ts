import { csvLine } from '../../sheets/csv-cell.ts'

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

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
