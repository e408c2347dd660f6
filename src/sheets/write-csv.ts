import { csvLine, type Delimiter } from './csv-cell.ts'

const CHUNK = 65_536

/**
 * A table as CSV (RFC 4180): UTF-8, with the byte order mark by which spreadsheets know it.
 * @param rows the header first
 */
export function* writeCsv(rows: Iterable<readonly string[]>, delimiter: Delimiter = ','): Generator<string> {
  let chunk = '\ufeff'
  for (const row of rows) {
    chunk += csvLine(row, delimiter)
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = ''
  }
  yield chunk
}
