import { isUtf8 } from 'node:buffer'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CsvError, type InfoRecord, parse } from 'csv-parse'
import { breathe } from './breathe.ts'
import type { Sheet } from './cell.ts'
import { RowCollector } from './collector.ts'
import { withoutGuard } from './csv-cell.ts'
import { SHEET_LIMITS } from './limits.ts'
import { beyond, unreadable } from './refuse.ts'

const DELIMITERS = [',', ';', '\t'] as const

/**
 * The table of a CSV file (RFC 4180): UTF-8 with or without a byte order mark, lines that end in any way, and `,`, `;`
 * (as Excel writes it where the comma is the decimal sign) or tabs between the cells, told by the first line. The `'`
 * that keeps spreadsheets from taking a text for a formula is taken off again.
 * @throws GatewayError `sheet-invalid`
 */
export async function readCsv(bytes: Uint8Array): Promise<Sheet> {
  if (bytes.length > SHEET_LIMITS.fileBytes) throw beyond('fileBytes', SHEET_LIMITS.fileBytes)
  const { body, start } = checkEncoding(bytes)
  const declared = /^sep=([,;\t])\r?\n/i.exec(start)
  const collector = new RowCollector()
  let number = declared === null ? 0 : 1
  const take = (record: readonly string[], { invalid_field_length: ragged }: InfoRecord): null => {
    number++
    if (ragged > SHEET_LIMITS.ragged) throw beyond('ragged', SHEET_LIMITS.ragged)
    if (number > SHEET_LIMITS.lines) throw beyond('lines', SHEET_LIMITS.lines)
    collector.add(number, withoutEmptyEnd(record).map(withoutGuard))
    return null
  }
  const parser = parse({
    delimiter: declared?.[1] ?? delimiterOf(start),
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: SHEET_LIMITS.columns * SHEET_LIMITS.cellCharacters,
    on_record: take,
  })
  try {
    await pipeline(Readable.from(slices(body.subarray(declared?.[0].length ?? 0))), parser.resume())
  } catch (error) {
    if (error instanceof CsvError) throw malformed(error, number + 1)
    throw error
  }
  return { rows: collector.rows, date1904: false, merged: [] }
}

const SLICE = 65_536

/** In pieces, between which others have their turn. */
async function* slices(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE) {
    yield bytes.subarray(at, at + SLICE)
    await breathe(0)
  }
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/** The bytes behind the byte order mark, and how they begin. @throws GatewayError `sheet-invalid` */
function checkEncoding(bytes: Uint8Array): { readonly body: Buffer; readonly start: string } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isUtf8(file))
    throw unreadable('not-utf-8', {
      vi: 'Tệp không phải UTF-8. Lưu lại dưới dạng "CSV UTF-8".',
      en: 'The file is not UTF-8. Save it as "CSV UTF-8".',
    })
  const isMarked = file.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
  const body = isMarked ? file.subarray(BYTE_ORDER_MARK.length) : file
  return { body, start: body.subarray(0, SLICE).toString() }
}

/** The one of the separators that the first line has most of; quotes are not counted out, for names hold none. */
function delimiterOf(text: string): string {
  const line = /^[^\r\n]*/.exec(text.trimStart())?.[0] ?? ''
  const counts = DELIMITERS.map((each) => line.split(each).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!
}

/** Spreadsheets write a line as wide as the widest. */
function withoutEmptyEnd(record: readonly string[]): readonly string[] {
  let length = record.length
  while (length > 0 && record[length - 1] === '') length--
  return record.slice(0, length)
}

const malformed = ({ code, message }: CsvError, row: number): Error =>
  unreadable(
    'csv-malformed',
    {
      vi: `Dòng này không đúng RFC 4180, thường do dấu nháy kép đặt sai (${code}).`,
      en: `This row does not follow RFC 4180, mostly for a double quote in the wrong place (${code}: ${message}).`,
    },
    `${row}:${row}`,
  )
