import { Readable } from 'node:stream'
import type { Sheet } from './cell.ts'
import type { Delimiter } from './csv-cell.ts'
import { readCsv } from './read-csv.ts'
import { writeCsv } from './write-csv.ts'
import { readXlsx } from './xlsx/read-xlsx.ts'
import { type SheetToWrite, writeXlsx } from './xlsx/write-xlsx.ts'

export type SheetFormat = 'csv' | 'xlsx'

interface FormatRow {
  readonly contentType: string
  /** @param name of the sheet to read, where a file has several @throws GatewayError `sheet-invalid` */
  readonly read: (bytes: Uint8Array, name?: string) => Promise<Sheet>
  readonly write: (sheet: SheetToWrite, delimiter: Delimiter) => Readable
}

export const SHEET_FORMATS: Readonly<Record<SheetFormat, FormatRow>> = {
  csv: {
    contentType: 'text/csv; charset=utf-8; header=present',
    read: (bytes) => readCsv(bytes),
    write: ({ header, rows }, delimiter) => Readable.from(writeCsv(withHeader(header, rows), delimiter)),
  },
  xlsx: {
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    read: readXlsx,
    write: (sheet) => writeXlsx(sheet),
  },
}

export const SHEET_FORMAT_IDS = Object.keys(SHEET_FORMATS) as SheetFormat[]

function* withHeader(header: readonly string[], rows: Iterable<readonly string[]>) {
  yield header
  yield* rows
}
