import { execFile } from 'node:child_process'
import { accessSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { test } from 'tap'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import type { TableRule } from '../../../src/domain/routing-rule.ts'
import { readRules, ruleHeader, ruleRows } from '../../../src/sheets/rules-sheet.ts'
import { writeCsv } from '../../../src/sheets/write-csv.ts'
import { readXlsx } from '../../../src/sheets/xlsx/read-xlsx.ts'
import { writeXlsx } from '../../../src/sheets/xlsx/write-xlsx.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { unzip } from '../../support/unzip.ts'

const HOSTILE = [
  '=1+1',
  '+2',
  '-3',
  '@SUM(1)',
  '＝1+1',
  '=HYPERLINK("http://x.example.vn";"a")',
  "=cmd|' /C calc'!A0",
  'x;=9+9',
  'x,=9+9',
  "'=a",
  'Tên thường, có dấu "ngoặc"',
]
const rules = HOSTILE.map(
  (comment, index): TableRule => ({
    id: `r${index}`,
    channel: 'mailbox',
    recipient: agencyCode(index % 2 === 0 ? '0012' : '1.10'),
    validFrom: '2025-07-01',
    comment,
  }),
)
const rows = [...ruleRows(rules, 'vi')]
const xlsx = () => buffer(writeXlsx({ name: 'Định tuyến', header: ruleHeader('vi'), widths: [], rows }))

test('no cell of an export is anything but a text', async (t) => {
  const sheet = (await unzip(await xlsx())).get('xl/worksheets/sheet1.xml')?.toString() ?? ''
  t.match(sheet, /<c [^>]*t="inlineStr"/)
  t.notMatch(sheet, /<f[\s>/]/)
  t.notMatch(sheet, /<c (?![^>]*t="inlineStr")/)
})

const SOFFICE = ['/usr/bin/soffice', '/usr/bin/libreoffice'].find((path) => {
  try {
    accessSync(path)
    return true
  } catch {
    return false
  }
})

test('LibreOffice opens an export and finds no formula; what it saves is the same table', {
  skip: SOFFICE === undefined && 'there is no LibreOffice here',
}, async (t) => {
  const folder = await temporaryFolder(t)
  const convert = async (file: string, to: string, ...more: string[]) => {
    const home = `-env:UserInstallation=file://${folder}/home`
    const args = [
      home,
      '--headless',
      ...more,
      '--convert-to',
      to,
      '--outdir',
      join(folder, 'out'),
      join(folder, file),
    ]
    await promisify(execFile)(SOFFICE!, args, { timeout: 120_000 })
    return readFile(join(folder, 'out', file.replace(/\w+$/, to.split(':')[0]!)))
  }
  await writeFile(join(folder, 'a.xlsx'), await xlsx())
  // Evaluates formulas (token 10 of the filter's options), as careless settings do.
  const careless = 'CSV:44/59,34,76,1,,0,false,true,false,false,false,-1,true'
  await writeFile(join(folder, 'b.csv'), [...writeCsv([ruleHeader('vi'), ...rows])].join(''))
  await writeFile(join(folder, 'c.csv'), HOSTILE.map((text) => `"${text.replaceAll('"', '""')}"`).join('\n'))
  const unguarded = (await convert('c.csv', 'fods', `--infilter=${careless}`)).toString()
  t.match(unguarded, /table:formula/, 'without the guard it would find some')
  for (const [file, ...more] of [['a.xlsx'], ['b.csv', `--infilter=${careless}`]] as const) {
    const opened = (await convert(file, 'fods', ...more)).toString()
    t.notMatch(opened, /table:formula/, file)
    t.match(opened, /HYPERLINK/, file)
  }
  const saved = await readXlsx(await convert('a.xlsx', 'xlsx:Calc MS Excel 2007 XML'))
  const read = await readRules(saved)
  t.strictSame(read.faults, [])
  t.strictSame(read.rules, rules)
})
