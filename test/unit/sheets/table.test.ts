import fc from 'fast-check'
import { test } from 'tap'
import { cellAddress, columnName, parseAddress } from '../../../src/sheets/address.ts'
import type { Cell, Sheet } from '../../../src/sheets/cell.ts'
import { dayOfSerial, parseDay, timeOfFraction } from '../../../src/sheets/days.ts'
import { joinList, splitList } from '../../../src/sheets/list-cell.ts'
import { readCsv } from '../../../src/sheets/read-csv.ts'
import { code, day, line, oneOf } from '../../../src/sheets/readers.ts'
import { type Column, readTable } from '../../../src/sheets/table.ts'

const named = (vi: string, en: string) => ({ name: { vi, en }, help: { vi: '', en: '' } })
const COLUMNS: readonly Column<'code' | 'text' | 'day' | 'kind'>[] = [
  { key: 'code', ...named('Mã', 'Code'), reader: code, required: true },
  { key: 'text', ...named('Chữ', 'Text'), reader: line(10) },
  { key: 'day', ...named('Từ ngày', 'From day'), reader: day },
  { key: 'kind', ...named('Loại', 'Kind'), reader: oneOf({ a: { vi: 'Một', en: 'One' } }) },
]
const sheet = (...rows: (Cell | undefined)[][]): Sheet => ({
  rows: rows.map((cells, index) => ({ number: index + 1, cells })),
  date1904: false,
  merged: [],
})
const faultsOf = async (given: Sheet) =>
  (await readTable(given, COLUMNS)).faults.map(({ code: found, path }) => `${found} ${path}`)
const number = (raw: string): Cell => ({ kind: 'number', raw })

test('columns by any of their names, in any order; texts in one form', async (t) => {
  const given = sheet(
    ['  từ   ngày ', 'TEXT', 'mã'.normalize('NFD')],
    ['01/07/2025', ' hòa '.normalize('NFD'), 'H51.15\u00a0'],
    [number('45839'), undefined, 'G22'],
  )
  const { rows, faults, has, addressOf } = await readTable(given, COLUMNS)
  t.strictSame(faults, [])
  t.strictSame(
    rows.map(({ texts }) => ({ ...texts })),
    [
      { day: '2025-07-01', text: 'hòa', code: 'H51.15' },
      { day: '2025-07-01', code: 'G22' },
    ],
  )
  t.ok(has.has('day') && !has.has('kind'))
  t.equal(addressOf(17, 'text'), 'B17')
  t.equal(addressOf(17, 'kind'), '17:17', 'a column that is not there is its row')
})

test('everything that is wrong, by its cell', async (t) => {
  const given = sheet(
    ['Mã', 'Text', 'Chữ', 'Lạ', undefined, 'Loại', 'Từ ngày'],
    [number('12'), 'quá dài, hơn mười', '', 'x', 'y', 'Hai', '2025-02-30'],
    [
      { kind: 'formula', raw: '=' },
      { kind: 'error', raw: '#N/A' },
      undefined,
      'x',
      undefined,
      'MỘT',
      '7/1/2025',
    ],
    ['', number('1')],
    ['a b', 'dòng\nhai', undefined, undefined, undefined, undefined, number('45839.5')],
  )
  t.strictSame((await faultsOf(given)).sort(), [
    'cell-blank A4',
    'cell-error B3',
    'cell-formula A3',
    'cell-number A2',
    'cell-number B4',
    'cell-unfitting A5',
    'cell-unfitting B2',
    'cell-unfitting B5',
    'cell-unfitting F2',
    'cell-unfitting G2',
    'cell-unfitting G3',
    'cell-unfitting G5',
    'cell-without-column E2',
    'column-repeated C1',
    'column-unknown D1',
  ])
})

test('a column that must be there, and a file of nothing', async (t) => {
  t.strictSame(await faultsOf(sheet(['Chữ'], ['a'])), ['column-missing 1:1'])
  t.strictSame(await faultsOf(sheet()), ['column-missing 1:1'])
  t.strictSame(await faultsOf({ ...sheet(['Mã']), merged: ['A1:B1'] }), ['cells-merged A1:B1'])
})

test('a file of nothing but faults ends early', async (t) => {
  const rows = Array.from({ length: 50_000 }, () => [number('1')])
  t.ok((await readTable(sheet(['Mã'], ...rows), COLUMNS)).faults.length < 1_100)
})

test('days', async (t) => {
  t.equal(dayOfSerial(45839, false), '2025-07-01')
  t.equal(dayOfSerial(45839 - 1462, true), '2025-07-01')
  t.equal(dayOfSerial(61, false), '1900-03-01')
  for (const serial of [60, 0, -1, 45839.25, 1e9, Number.NaN]) t.equal(dayOfSerial(serial, false), undefined)
  t.equal(parseDay('31/12/2025'), '2025-12-31')
  for (const text of ['12/31/2025', '1/7/2025', '2025-13-01', '2025-02-29', '0025-01-01', '45839', ''])
    t.equal(parseDay(text), undefined, text)
  t.equal(timeOfFraction(22 / 24), '22:00')
  t.equal(timeOfFraction(5.5 / 24), '05:30')
  for (const fraction of [1, -0.1, 0.99999, 1 / 86_400]) t.equal(timeOfFraction(fraction), undefined)
})

test('addresses', async (t) => {
  t.equal([0, 25, 26, 701, 702].map(columnName).join(), 'A,Z,AA,ZZ,AAA')
  for (const text of ['A0', 'a1', 'A', '1', 'AAAA1', 'A1B']) t.equal(parseAddress(text), undefined)
  fc.assert(
    fc.property(fc.nat(18_277), fc.integer({ min: 1, max: 1_048_576 }), (column, row) => {
      const place = parseAddress(cellAddress(column, row))
      return place?.column === column && place.row === row
    }),
  )
})

test('lists in a cell come back as they went', async (t) => {
  const item = fc
    .string({ unit: fc.constantFrom('a', ';', '\\', ',', ' ', 'ế'), minLength: 1 })
    .map((text) => text.trim())
    .filter((text) => text !== '')
  fc.assert(
    fc.property(
      fc.array(item),
      (items) => JSON.stringify(splitList(joinList(items))) === JSON.stringify(items),
    ),
  )
  t.strictSame(splitList(' a ;; b\n c\\'), ['a', 'b', 'c\\'])
})

test('CSV in the ways that programs write it', async (t) => {
  const texts = async (file: string | Buffer) =>
    (await readCsv(Buffer.from(file))).rows.map(({ number: at, cells }) => [at, ...cells])
  const expected = [
    [1, 'Mã', 'Tên'],
    [2, 'G22', 'Bộ, "A"'],
  ]
  t.strictSame(await texts('\ufeffMã,Tên\r\nG22,"Bộ, ""A"""\r\n'), expected)
  t.strictSame(await texts('Mã;Tên\nG22;"Bộ, ""A"""'), expected)
  t.strictSame(await texts('Mã\tTên\rG22\t"Bộ, ""A"""\r'), expected)
  t.strictSame(await texts('sep=;\r\nMã;Tên\r\n'), [[2, 'Mã', 'Tên']])
  t.strictSame(await texts('Mã,Tên,,\r\n,,,\r\n\r\nG22,A,,\r\n'), [
    [1, 'Mã', 'Tên'],
    [4, 'G22', 'A'],
  ])
  t.strictSame(await texts(''), [])
})

/** Each file by its defect. */
const REFUSED: Readonly<Record<string, readonly [Buffer, string]>> = {
  'UTF-16': [Buffer.from('\ufeffMã,Tên', 'utf16le'), 'not-utf-8'],
  'windows-1258': [Buffer.from([0x4d, 0xe3, 0x2c]), 'not-utf-8'],
  'a quote that does not end': [Buffer.from('a,b\n"c,d\n'), 'csv-malformed'],
  'a quote in the middle': [Buffer.from('a,b\nc"d,e\n'), 'csv-malformed'],
  'too wide': [Buffer.from(`a\n${','.repeat(300)}x\n`), 'too-much-columns'],
  'too many rows': [Buffer.from('a\n'.repeat(200_001)), 'too-much-rows'],
  'a cell too long': [Buffer.from('a'.repeat(32_768)), 'too-much-cell'],
}
for (const [name, [file, expected]] of Object.entries(REFUSED))
  test(`CSV refused: ${name}`, async (t) =>
    t.rejects(readCsv(file), { code: 'sheet-invalid', faults: [{ code: expected }] }))
