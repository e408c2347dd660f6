import type { Bilingual } from '../domain/bilingual.ts'
import type { Fault } from '../domain/fault.ts'
import { cellAddress } from './address.ts'
import { breathe } from './breathe.ts'
import { type Cell, NOT_TEXT, type Row, type Sheet } from './cell.ts'
import { MAX_FAULTS } from './limits.ts'
import type { CellReader } from './readers.ts'
import { sheetFault } from './refuse.ts'

/** A column of a table that people fill in. Its Vietnamese and English names and its key are all understood. */
export interface Column<K extends string = string> {
  readonly key: K
  readonly name: Bilingual
  /** What people should know to fill it in. */
  readonly help: Bilingual
  readonly reader: CellReader
  /** Must be there, with a text in every row. */
  readonly required?: boolean
  /** In characters, for people. */
  readonly width?: number
}

export interface TableRow<K extends string> {
  /** Of the file, from 1. */
  readonly number: number
  /** What stands in its cells, in the one form of each column; blank ones are left out. */
  readonly texts: Readonly<Partial<Record<K, string>>>
}

export interface Table<K extends string> {
  readonly rows: readonly TableRow<K>[]
  /** Columns that the file has. */
  readonly has: ReadonlySet<K>
  /** Everything that is wrong, with the address of its cell. */
  readonly faults: readonly Fault[]
  /** The address of a cell; of the whole row where the file has no such column. */
  readonly addressOf: (row: number, key: K) => string
}

/**
 * Reads a sheet by its columns, whatever their order. The first row that is not blank names them. Never throws; with
 * far more faults than are told it ends early.
 */
export async function readTable<K extends string>(
  sheet: Sheet,
  columns: readonly Column<K>[],
): Promise<Table<K>> {
  const faults: Fault[] = sheet.merged.map((range) => mergedFault(range))
  const [header, ...body] = sheet.rows
  const places = readHeader(header, columns, faults)
  const wanted = [...places].flatMap(([key, at]) => {
    const column = columns.find((each) => each.key === key)
    return column === undefined ? [] : [{ column, at }]
  })
  const rows: TableRow<K>[] = []
  for (const row of body) {
    await breathe(rows.length)
    rows.push(readRow(row, wanted, sheet.date1904, faults))
    checkWidth(row, header, faults)
    if (faults.length > 2 * MAX_FAULTS) break
  }
  const addressOf = (row: number, key: K) => {
    const at = places.get(key)
    return at === undefined ? `${row}:${row}` : cellAddress(at, row)
  }
  return { rows, has: new Set(places.keys()), faults, addressOf }
}

const normal = (text: string): string => text.normalize('NFC').trim()
const folded = (text: string): string => normal(text).replace(/\s+/g, ' ').toLowerCase()

function readHeader<K extends string>(
  header: Row | undefined,
  columns: readonly Column<K>[],
  faults: Fault[],
): ReadonlyMap<K, number> {
  const byName = new Map<string, Column<K>>()
  for (const column of columns)
    for (const name of [column.key, column.name.vi, column.name.en]) byName.set(folded(name), column)
  const places = new Map<K, number>()
  for (const [at, cell] of (header?.cells ?? []).entries()) {
    const text = typeof cell === 'string' ? folded(cell) : (cell?.raw ?? '')
    if (text === '') continue
    const column = byName.get(text)
    const path = cellAddress(at, header!.number)
    if (column === undefined) faults.push(unknownColumn(path, text, columns))
    else if (places.has(column.key)) faults.push(repeatedColumn(path, text))
    else places.set(column.key, at)
  }
  for (const column of columns)
    if (column.required === true && !places.has(column.key)) faults.push(missingColumn(column, header))
  return places
}

function readRow<K extends string>(
  { number, cells }: Row,
  wanted: readonly { readonly column: Column<K>; readonly at: number }[],
  date1904: boolean,
  faults: Fault[],
): TableRow<K> {
  const texts: Partial<Record<K, string>> = {}
  for (const { column, at } of wanted) {
    const cell = cells[at]
    const read = readCell(cell, column.reader, date1904)
    if (typeof read === 'string') texts[column.key] = read
    else if (read !== undefined)
      faults.push(sheetFault(read.code, cellAddress(at, number), read.hint, rawOf(cell)))
    else if (column.required === true) faults.push(blankCell(cellAddress(at, number), column))
  }
  return { number, texts }
}

const rawOf = (cell: Cell | undefined) => ({ found: typeof cell === 'string' ? cell : (cell?.raw ?? '') })

/** Its text; why there can be none; undefined for a blank one. */
function readCell(
  cell: Cell | undefined,
  reader: CellReader,
  date1904: boolean,
): string | { readonly code: string; readonly hint: Bilingual } | undefined {
  if (cell === undefined) return undefined
  if (typeof cell === 'string') {
    const text = normal(cell)
    return text === '' ? undefined : (reader.read(text) ?? unfitting(reader))
  }
  if (cell.kind !== 'number' || reader.readNumber === undefined) return NOT_TEXT[cell.kind]
  return reader.readNumber(Number(cell.raw), date1904) ?? unfitting(reader)
}

const unfitting = ({ expected }: CellReader) => ({
  code: 'cell-unfitting',
  hint: { vi: `Ô này phải là: ${expected.vi}.`, en: `This cell must be: ${expected.en}.` },
})

function checkWidth(row: Row, header: Row | undefined, faults: Fault[]): void {
  for (const [at, cell] of row.cells.entries()) {
    const named = header?.cells[at]
    if (isBlank(cell) || !isBlank(named)) continue
    const hint = {
      vi: 'Ô này nằm ở cột không có tên, nên không biết là gì.',
      en: 'This cell stands in a column without a name.',
    }
    faults.push(sheetFault('cell-without-column', cellAddress(at, row.number), hint, rawOf(cell)))
  }
}

const isBlank = (cell: Cell | undefined): boolean =>
  cell === undefined || (typeof cell === 'string' && normal(cell) === '')

const blankCell = (path: string, { name }: Column): Fault =>
  sheetFault('cell-blank', path, {
    vi: `Cột ${name.vi} phải có giá trị ở mọi dòng.`,
    en: `The column ${name.en} must have a value in every row.`,
  })

const missingColumn = ({ name }: Column, header: Row | undefined): Fault =>
  sheetFault('column-missing', `${header?.number ?? 1}:${header?.number ?? 1}`, {
    vi: `Thiếu cột ${name.vi}.`,
    en: `The column ${name.en} is missing.`,
  })

const unknownColumn = (path: string, found: string, columns: readonly Column[]): Fault =>
  sheetFault(
    'column-unknown',
    path,
    {
      vi: `Không có cột này. Các cột: ${columns.map(({ name }) => name.vi).join(', ')}.`,
      en: `There is no such column. The columns: ${columns.map(({ name }) => name.en).join(', ')}.`,
    },
    { found },
  )

const repeatedColumn = (path: string, found: string): Fault =>
  sheetFault(
    'column-repeated',
    path,
    { vi: 'Cột này có hai lần.', en: 'This column stands here twice.' },
    { found },
  )

const mergedFault = (range: string): Fault =>
  sheetFault('cells-merged', range, {
    vi: 'Các ô này được gộp, nên không biết giá trị thuộc dòng nào. Bỏ gộp ô.',
    en: 'These cells are merged, so that it is not clear whose value it is. Unmerge them.',
  })
