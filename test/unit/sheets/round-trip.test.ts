import { deepStrictEqual } from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { test } from 'tap'
import type { Sheet } from '../../../src/sheets/cell.ts'
import { withGuard, withoutGuard } from '../../../src/sheets/csv-cell.ts'
import { readCsv } from '../../../src/sheets/read-csv.ts'
import { writeCsv } from '../../../src/sheets/write-csv.ts'
import { readXlsx } from '../../../src/sheets/xlsx/read-xlsx.ts'
import { writeXlsx } from '../../../src/sheets/xlsx/write-xlsx.ts'

const HOSTILE = [
  '=',
  '+',
  '-',
  '@',
  '\t',
  '\r',
  '\n',
  '\0',
  '＝',
  '－',
  "'",
  ',',
  ';',
  '"',
  '_x0041_',
  '<',
  '&',
  ']]>',
  ' ',
  'ế',
]
const text = fc.oneof(
  fc.array(fc.constantFrom(...HOSTILE), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
/** A table is as wide as its header, and has no blank row. */
const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.array(
    fc.array(text, { minLength: width, maxLength: width }).filter((row) => row.some((cell) => cell !== '')),
    { minLength: 1, maxLength: 5 },
  ),
)

/** As wide as the first row of what was written. */
const textsOf = ({ rows }: Sheet, width: number): unknown[][] =>
  rows.map(({ cells }) => Array.from({ length: width }, (_, at) => cells[at] ?? ''))

const toXlsx = (rows: readonly (readonly string[])[]): Promise<Buffer> =>
  buffer(writeXlsx({ name: 'Bảng', header: rows[0]!, widths: [], rows: rows.slice(1) }))

test('the guard against formulas comes off again, whatever the text', async (t) => {
  fc.assert(
    fc.property(text, (original) => withoutGuard(withGuard(original)) === original),
    { numRuns: 2_000 },
  )
  t.pass('for all of them')
})

test('no guarded text begins a formula, nor after what another program takes for a separator', async (t) => {
  fc.assert(
    fc.property(text, (original) => !/(^|[\r\n\t;,])[=+\-@＝＋－＠\0]|^[\t\r\n]/.test(withGuard(original))),
    { numRuns: 2_000 },
  )
  t.pass('for all of them')
})

for (const delimiter of [',', ';'] as const)
  test(`CSV with ${delimiter}: what is written is read`, async (t) => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        // The header names the separator: it holds plain names, as all tables here do.
        const all = [rows[0]!.map((_, at) => `Cột ${at}`), ...rows]
        const bytes = Buffer.from([...writeCsv(all, delimiter)].join(''))
        deepStrictEqual(textsOf(await readCsv(bytes), all[0]!.length), all)
      }),
      { numRuns: 300 },
    )
    t.pass('for all of them')
  })

test('XLSX: what is written is read', async (t) => {
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      deepStrictEqual(textsOf(await readXlsx(await toXlsx(rows)), rows[0]!.length), rows)
    }),
    { numRuns: 100 },
  )
  t.pass('for all of them')
})
