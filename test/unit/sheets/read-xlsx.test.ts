import { test } from 'tap'
import { GatewayError } from '../../../src/domain/problem.ts'
import { readXlsx } from '../../../src/sheets/xlsx/read-xlsx.ts'
import { leastWorkTime } from '../../support/work-time.ts'
import { sheetXml, workbook, workbookParts, zipOf } from '../../support/workbook.ts'

const codesOf = async (reading: Promise<unknown>): Promise<unknown> => {
  try {
    await reading
    return 'read'
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'sheet-invalid') throw error
    return error.faults.map(({ code, path }) => (path === undefined ? code : `${code} ${path}`)).join()
  }
}

test('cells of every type', async (t) => {
  const cells = [
    '<c r="A1" t="s"><v>0</v></c>',
    '<c r="B1" t="s"><v>1</v></c>',
    '<c r="C1" t="inlineStr"><is><r><t>a</t></r><t xml:space="preserve"> b</t></is></c>',
    '<c r="D1"><v>45839</v></c>',
    '<c r="E1" t="b"><v>1</v></c>',
    '<c r="F1" t="e"><v>#REF!</v></c>',
    '<c r="G1" t="str"><f>1+1</f><v>không bao giờ đọc</v></c>',
    '<c r="H1"><f/></c>',
    '<c r="I1" t="d"><v>2025-07-01T00:00:00</v></c>',
    '<c r="K1" t="str"><v>x_x000D_y_x005F_x0041_</v></c>',
    '<c r="L1" s="3"/>',
  ]
  const { rows } = await readXlsx(
    await workbook(`<row r="3">${cells.join('').replace(/ r="(.)1"/g, ' r="$13"')}</row>`),
  )
  t.equal(rows.length, 1)
  t.equal(rows[0]?.number, 3)
  t.strictSame(
    [...rows[0]!.cells],
    [
      'một',
      'đậm nhạt',
      'a b',
      { kind: 'number', raw: '45839' },
      { kind: 'boolean', raw: 'TRUE' },
      { kind: 'error', raw: '#REF!' },
      { kind: 'formula', raw: '=' },
      { kind: 'formula', raw: '=' },
      '2025-07-01',
      undefined,
      'x\ry_x0041_',
    ],
  )
})

test('prefixes, places that are left out, blank rows, entities', async (t) => {
  const parts = workbookParts(
    '<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>a&amp;&#7879;</x:t></x:is></x:c></x:row><x:row/><x:row><x:c/><x:c t="str"><x:v>b</x:v></x:c></x:row></x:sheetData></x:worksheet>',
  )
  const { rows } = await readXlsx(await zipOf(parts))
  t.strictSame(
    rows.map(({ number, cells }) => [number, ...cells]),
    [
      [1, 'a&ệ'],
      [3, undefined, 'b'],
    ],
  )
})

test('the first sheet that is not hidden, or the one that is named', async (t) => {
  const R = 'xmlns:r="http://r"'
  const named = (text: string) => sheetXml(`<row><c t="str"><v>${text}</v></c></row>`)
  const parts = {
    ...workbookParts(named('một')),
    'xl/worksheets/sheet2.xml': named('hai'),
    'xl/workbook.xml': `<workbook ${R}><workbookPr date1904="1"/><sheets><sheet name="Ẩn" state="veryHidden" r:id="s1"/><sheet name="Hai" r:id="s2"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="s1" Type="/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s2" Type="/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="s3" Type="/worksheet" TargetMode="External" Target="http://example.vn/a.xml"/></Relationships>',
  }
  const file = await zipOf(parts)
  const second = await readXlsx(file)
  t.equal(second.rows[0]?.cells[0], 'hai')
  t.ok(second.date1904)
  t.equal((await readXlsx(file, 'Ẩn'.normalize('NFD'))).rows[0]?.cells[0], 'một')
  t.equal(await codesOf(readXlsx(file, 'Ba')), 'sheet-not-found')
  const outside = { ...parts, 'xl/workbook.xml': parts['xl/workbook.xml'].replace('"s2"', '"s3"') }
  t.equal(await codesOf(readXlsx(await zipOf(outside))), 'xlsx-malformed')
})

const plain = '<row r="1"><c r="A1" t="str"><v>a</v></c></row>'
const without = (path: string) => {
  const { [path]: _, ...rest } = workbookParts(sheetXml(plain))
  return zipOf(rest)
}

/** Each file by its defect, and what is said of it. */
const REFUSED: Readonly<Record<string, readonly [() => Promise<Buffer> | Buffer, string]>> = {
  'no zip': [() => Buffer.from('mã,tên'), 'xlsx-malformed'],
  'an old .xls, or one with a password': [
    () => Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]),
    'xlsx-old-or-encrypted',
  ],
  'larger than a file may be': [() => Buffer.alloc(33_554_433), 'too-much-file'],
  'no relations': [() => without('_rels/.rels'), 'xlsx-malformed'],
  'no workbook': [() => without('xl/workbook.xml'), 'xlsx-malformed'],
  'no sheet': [() => without('xl/worksheets/sheet1.xml'), 'xlsx-malformed'],
  'a DOCTYPE with an entity that grows': [
    () =>
      zipOf(
        workbookParts(
          `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>${sheetXml('<row><c t="str"><v>&b;</v></c></row>')}`,
        ),
      ),
    'xlsx-doctype',
  ],
  'an entity of nobody': [() => workbook('<row><c t="str"><v>&b;</v></c></row>'), 'xlsx-malformed'],
  'not well-formed': [() => workbook('<row><c></row>'), 'xlsx-malformed'],
  'a comment that is longer than any cell': [
    () => workbook(`<!-- ${'a'.repeat(1_000_000)} -->`),
    'xlsx-malformed',
  ],
  'an attribute twice': [() => workbook('<row r="1" r="2"/>'), 'xlsx-malformed'],
  'an attribute without quotes': [() => workbook('<row r=1/>'), 'xlsx-malformed'],
  'a named character of HTML': [() => workbook('<row><c t="str"><v>&nbsp;</v></c></row>'), 'xlsx-malformed'],
  'cut short': [async () => zipOf(workbookParts('<worksheet><sheetData>')), 'xlsx-malformed'],
  'not UTF-8': [
    async () => zipOf({ ...workbookParts(''), 'xl/worksheets/sheet1.xml': Buffer.from([0x3c, 0x61, 0xff]) }),
    'xlsx-malformed',
  ],
  'elements within elements': [() => zipOf(workbookParts('<a>'.repeat(50))), 'too-much-depth'],
  'rows out of order': [() => workbook('<row r="2"/><row r="1"/>'), 'xlsx-malformed'],
  'a row that no program has': [() => workbook('<row r="1048577"/>'), 'xlsx-malformed'],
  'the same cell twice': [() => workbook('<row r="1"><c r="A1"/><c r="A1"/></row>'), 'xlsx-malformed'],
  'two values in a cell': [() => workbook('<row><c t="str"><v>a</v><v>b</v></c></row>'), 'xlsx-malformed'],
  'a cell behind its row': [() => workbook('<row r="1"/><c r="B1" t="str"><v>a</v></c>'), 'xlsx-malformed'],
  'a cell in another row': [() => workbook('<row r="1"><c r="A2"/></row>'), 'xlsx-malformed'],
  'a shared string that is not there': [() => workbook('<row><c t="s"><v>9</v></c></row>'), 'xlsx-malformed'],
  'a shared string by its name': [() => workbook('<row><c t="s"><v>length</v></c></row>'), 'xlsx-malformed'],
  'a type of nobody': [() => workbook('<row><c t="constructor"><v>1</v></c></row>'), 'xlsx-malformed'],
  'more columns than may be': [
    () => workbook('<row r="1"><c r="XFD1" t="str"><v>a</v></c></row>'),
    'too-much-columns 1:1',
  ],
  'a cell longer than may be': [
    () => workbook(`<row r="1"><c r="A1" t="str"><v>${'a'.repeat(32_768)}</v></c></row>`),
    'too-much-cell 1:1',
  ],
  'more rows than may be': [
    () => workbook('<row><c t="b"><v>1</v></c></row>'.repeat(200_001)),
    'too-much-rows',
  ],
  'more parts than may be': [
    () => zipOf(Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`x${index}`, '']))),
    'too-much-parts',
  ],
  'a part twice, in other letters': [
    () => zipOf({ ...workbookParts(sheetXml(plain)), 'XL/worksheets/sheet1.xml': sheetXml('') }),
    'xlsx-malformed',
  ],
}

for (const [name, [make, expected]] of Object.entries(REFUSED))
  test(`refused: ${name}`, async (t) => t.equal(await codesOf(readXlsx(await make())), expected))

test('what a library says in English of a broken file is not in the Vietnamese text', async (t) => {
  const refused = await readXlsx(Buffer.from('mã,tên')).catch((error: unknown) => error)
  if (!(refused instanceof GatewayError)) throw refused
  const [fault] = refused.faults
  t.match(fault?.hint.en, /zip file/)
  t.match(fault?.hint.vi, /lưu lại thành \.xlsx/)
  t.notMatch(fault?.hint.vi, /zip|signature|found/)
})

test('a bomb is refused by what it would become, before it does', async (t) => {
  const file = await zipOf(workbookParts(sheetXml(plain)))
  // The length that the directory tells is made larger than may be; the data are as they were.
  const place = file.lastIndexOf('xl/worksheets/sheet1.xml') - 46
  file.writeUInt32LE(0x3fffffff, place + 24)
  const { result, cpu } = await leastWorkTime(500, () => codesOf(readXlsx(file)))
  t.equal(result, 'too-much-unpacked')
  t.ok(cpu < 500)
  file.writeUInt32LE(10, place + 24)
  t.equal(await codesOf(readXlsx(file)), 'xlsx-malformed', 'nor is a smaller one believed')
})

test('long strings that are named again and again count each time', async (t) => {
  const parts = {
    ...workbookParts(sheetXml(`<row>${'<c t="s"><v>0</v></c>'.repeat(200)}</row>`.repeat(21))),
    'xl/sharedStrings.xml': `<sst><si><t>${'a'.repeat(32_767)}</t></si></sst>`,
  }
  t.equal(await codesOf(readXlsx(await zipOf(parts))), 'too-much-characters')
})

test('macros, links to other files and merged cells: nothing is run or followed', async (t) => {
  const parts = {
    ...workbookParts(sheetXml(plain, '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>')),
    'xl/vbaProject.bin': 'x',
    'xl/externalLinks/externalLink1.xml': '<!DOCTYPE x>',
  }
  const sheet = await readXlsx(await zipOf(parts))
  t.strictSame(sheet.rows[0]?.cells[0], 'a')
  t.strictSame(sheet.merged, ['A1:B2'])
})
