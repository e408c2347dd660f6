import { test } from 'tap'
import { GatewayError } from '../../../src/domain/problem.ts'
import { readCsv } from '../../../src/sheets/read-csv.ts'
import { readXlsx } from '../../../src/sheets/xlsx/read-xlsx.ts'
import { workTime } from '../../support/work-time.ts'
import { workbookParts, zipOf } from '../../support/workbook.ts'

/* Files of nothing, which are small once they are packed, and cost whoever counts no more than what they say. */

const flood = (before: string, unit: string, times: number, after = ''): Buffer =>
  Buffer.concat([Buffer.from(before), Buffer.alloc(unit.length * times, unit), Buffer.from(after)])

const withPart = (path: string, content: Buffer) => zipOf({ ...workbookParts(''), [path]: content })
const ROW = '<worksheet><sheetData><row>'
const RELATION = '<Relationship Id="00000" Type="x" Target="y"/>'
const relations = (): Buffer =>
  Buffer.from(
    `<Relationships>${Array.from({ length: 1_001 }, (_, at) => RELATION.replace('00000', `r${at}`)).join('')}</Relationships>`,
  )

const FLOODS: Record<string, [make: () => Promise<() => Promise<unknown>>, code: string]> = {
  'line breaks': [async () => () => readCsv(flood('a\n', '\n', 33_000_000)), 'too-much-lines'],
  'rows of another width': [async () => () => readCsv(flood('a\n', ',\n', 16_000_000)), 'too-much-ragged'],
  'empty cells': [
    async () => {
      const file = await withPart('xl/worksheets/sheet1.xml', flood(ROW, '<c/>', 17_000_000))
      return () => readXlsx(file)
    },
    'too-much-elements',
  ],
  relations: [
    async () => {
      const file = await withPart('xl/_rels/workbook.xml.rels', relations())
      return () => readXlsx(file)
    },
    'too-much-parts',
  ],
}

for (const [name, [make, code]] of Object.entries(FLOODS))
  test(`a flood of ${name} is refused before it costs much`, async (t) => {
    const read = await make()
    const { cpu, result } = await workTime(async () => read().then(() => 'read', codeOf))
    t.equal(result, code)
    t.ok(cpu < 10_000, `${Math.round(cpu)} ms`)
  })

const codeOf = (error: unknown): unknown =>
  error instanceof GatewayError ? error.faults.map(({ code }) => code).join() : error
