import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { test } from 'tap'
import { carryOut } from '../../../../src/directory/acts/carry-out.ts'
import { type ComparisonWishes, compareAgencies } from '../../../../src/directory/drafts/compare-agencies.ts'
import { sheetRecord } from '../../../../src/directory/drafts/sheet-record.ts'
import { generateDirectory, REAL_SIZE } from '../../../../src/directory/seed/generate.ts'
import { isFault, readFact } from '../../../../src/directory/seed/read-fact.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import type { Fact, NewFact } from '../../../../src/domain/directory/fact.ts'
import { agencyCode } from '../../../../src/domain/identifiers.ts'
import { agencyHeader, agencyRows, readAgencies } from '../../../../src/sheets/agencies-sheet.ts'
import { AGENCY_COLUMNS } from '../../../../src/sheets/agency-columns.ts'
import { readCsv } from '../../../../src/sheets/read-csv.ts'
import { writeCsv } from '../../../../src/sheets/write-csv.ts'
import { readXlsx } from '../../../../src/sheets/xlsx/read-xlsx.ts'
import { writeXlsx } from '../../../../src/sheets/xlsx/write-xlsx.ts'
import { workTime } from '../../../support/work-time.ts'

const TODAY = '2026-11-21'
const ON = '2026-12-01'
const TIERS = ['central', 'province', 'commune'].map((code) => ({ code, closedOn: null }))

const asFacts = (facts: Iterable<NewFact>): Fact[] =>
  [...facts].map((fact, index) => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null }))

const EMPTY = DirectorySnapshot.of(0, [])
const begin = (code: string, parent: string | null, name = `Cơ quan ${code}`) =>
  ({
    act: 'establish',
    on: '2025-01-01',
    code: agencyCode(code),
    name,
    tier: 'commune',
    parent: parent === null ? null : agencyCode(parent),
  }) as const

const { delta, faults: none } = carryOut(
  EMPTY,
  [
    begin('H51', null, 'UBND tỉnh Thử nghiệm'),
    ...['1', '2', '3', '4'].map((end) => begin(`H51.${end}`, 'H51')),
    {
      act: 'add-alias',
      on: '2025-01-01',
      code: agencyCode('H51.1'),
      alias: '000.00.01.H51',
      form: 'qcvn-13',
    },
    {
      act: 'set-contact',
      on: '2025-01-01',
      code: agencyCode('H51.1'),
      contact: { role: 'văn thư', name: 'Bà A', phone: '024 1', email: null, address: null },
    },
    {
      act: 'set-contact',
      on: '2025-01-01',
      code: agencyCode('H51.1'),
      contact: { role: 'kỹ thuật', name: null, phone: '+84 1', email: null, address: null },
    },
    {
      act: 'set-endpoint',
      on: '2025-01-01',
      code: agencyCode('H51.2'),
      endpoint: { channel: 'https-push', url: 'https://a.example.vn/x', reaches: 'subtree' },
    },
    {
      act: 'close',
      on: '2026-01-01',
      code: agencyCode('H51.4'),
      successor: agencyCode('H51.3'),
      basis: '1/QĐ',
    },
    {
      act: 'set-group',
      on: '2025-01-01',
      code: agencyCode('NHOM'),
      name: 'Nhóm',
      members: { tier: 'commune' },
    },
  ],
  { today: TODAY, tiers: TIERS },
)
const world = DirectorySnapshot.of(1, asFacts(delta.asserted))

const exported = (snapshot: DirectorySnapshot, on: string) =>
  [...snapshot.codes()].sort().flatMap((code) => sheetRecord(snapshot, code, on) ?? [])
const compare = async (csv: string | Buffer, more: Partial<ComparisonWishes> = {}, snapshot = world) =>
  compareAgencies(snapshot, await readAgencies(await readCsv(Buffer.from(csv))), { on: ON, ...more })
const codesOf = async (csv: string) => (await compare(csv)).faults.map(({ code, path }) => `${code} ${path}`)

test('what is exported and imported again is no change, in CSV and XLSX', async (t) => {
  t.strictSame(none, [])
  const records = exported(world, ON)
  const csv = Buffer.from([...writeCsv([agencyHeader('vi'), ...agencyRows(records)])].join(''))
  const xlsx = await buffer(
    writeXlsx({ name: 'Danh bạ', header: agencyHeader('en'), widths: [], rows: agencyRows(records) }),
  )
  for (const sheet of [await readCsv(csv), await readXlsx(xlsx)]) {
    const { acts, faults } = await compareAgencies(world, await readAgencies(sheet), { on: ON })
    t.strictSame({ acts, faults }, { acts: [], faults: [] })
  }
})

test('each difference is the act that makes it', async (t) => {
  const header =
    'Mã cơ quan;Tên cơ quan;Cấp;Cơ quan chủ quản;Kết thúc từ ngày;Cơ quan kế thừa;Căn cứ;Mã QCVN 102;Kênh;Địa chỉ kết nối;Đầu mối;Người liên hệ;Áp dụng từ ngày'
  const rows = [
    'H51.9;Xã mới;commune;H51.8;;;;"x.1; x.2";mailbox;;văn thư;Ông B;',
    'H51.8;Phường mới;commune;H51;;;;;;;;;2027-01-01',
    'H51.1;Tên mới;commune;;;;;000.00.09.H51;;;văn thư;Bà A;',
    'H51.2;Cơ quan H51.2;province;H51;;;;;;;;;',
    'H51.3;Cơ quan H51.3;commune;H51;01/02/2027;H51.1: Công văn; ;;;;;;',
  ]
  const { acts, faults, addressOf } = await compare([header, ...rows].join('\n').replace('; ;;', ';;;'))
  t.strictSame(faults, [])
  t.strictSame(acts, [
    { act: 'establish', on: '2027-01-01', code: 'H51.8', name: 'Phường mới', tier: 'commune', parent: 'H51' },
    {
      act: 'establish',
      on: ON,
      code: 'H51.9',
      name: 'Xã mới',
      tier: 'commune',
      parent: 'H51.8',
      aliases: [
        { alias: 'x.1', form: 'qcvn-13' },
        { alias: 'x.2', form: 'qcvn-13' },
      ],
    },
    { act: 'end-alias', on: ON, code: 'H51.1', alias: '000.00.01.H51' },
    { act: 'end-contact', on: ON, code: 'H51.1', role: 'kỹ thuật' },
    {
      act: 'set-contact',
      on: ON,
      code: 'H51.9',
      contact: { role: 'văn thư', name: 'Ông B', phone: null, email: null, address: null },
    },
    {
      act: 'set-endpoint',
      on: ON,
      code: 'H51.9',
      endpoint: { channel: 'mailbox', url: null, reaches: 'itself' },
    },
    { act: 'rename', on: ON, code: 'H51.1', name: 'Tên mới' },
    { act: 'move', on: ON, code: 'H51.1', parent: null },
    { act: 'add-alias', on: ON, code: 'H51.1', alias: '000.00.09.H51', form: 'qcvn-13' },
    {
      act: 'set-contact',
      on: ON,
      code: 'H51.1',
      contact: { role: 'văn thư', name: 'Bà A', phone: null, email: null, address: null },
    },
    { act: 'move', on: ON, code: 'H51.2', tier: 'province' },
    { act: 'set-endpoint', on: ON, code: 'H51.2', endpoint: null },
    {
      act: 'split',
      on: '2027-02-01',
      code: 'H51.3',
      into: [{ code: 'H51.1', documentTypes: ['Công văn'] }],
      main: null,
    },
  ])
  t.equal(addressOf('#/content/1/parent'), 'D2')
  t.equal(addressOf('#/content/1'), 'A2')
  t.equal(addressOf('#/content/7/parent'), 'D4')
  t.equal(addressOf('#/content/12/into'), 'F6')
  t.equal(addressOf('#/content/12/on'), 'E6')
})

test('columns and rows that are left out change nothing', async (t) => {
  t.strictSame((await compare('code,name\nH51.1,Cơ quan H51.1\n')).acts, [])
  t.strictSame((await compare('code\nH51.1\nH51.2\n')).acts, [])
  t.strictSame((await compare('code\n')).acts, [])
})

test('with closeMissing, whoever has no row closes; groups and those that have closed do not', async (t) => {
  const { acts, closedAsMissing } = await compare('code\nH51\nH51.1\n', { closeMissing: true })
  t.equal(closedAsMissing, 2)
  t.strictSame(acts, [
    { act: 'close', on: ON, code: 'H51.2', successor: null },
    { act: 'close', on: ON, code: 'H51.3', successor: null },
  ])
})

test('several that close on a day into one are a merger', async (t) => {
  const file =
    'code,validTo,successors,whenAddressed\nH51.1,2027-01-01,H51.3,bounce\nH51.2,2027-01-01,H51.3,bounce\n'
  t.strictSame((await compare(file)).acts, [
    { act: 'merge', on: '2027-01-01', codes: ['H51.1', 'H51.2'], into: 'H51.3', whenAddressed: 'bounce' },
  ])
  t.strictSame(
    (await compare(file.replace('bounce\nH51.2', 'redirect\nH51.2'))).acts.map(({ act }) => act),
    ['close', 'close'],
    'not under other policies',
  )
})

test('a file does not rewrite what is on record', async (t) => {
  t.strictSame(await codesOf('code,validFrom\nH51.1,2024-01-01\n'), ['valid-from-differs B2'])
  t.strictSame(await codesOf('code,validTo\nH51.4,\n'), ['closing-differs B2'])
  t.strictSame(await codesOf('code,successors\nH51.4,H51.1\n'), ['succession-differs B2'])
  t.strictSame(await codesOf('code,name\nH51.4,Tên khác\n'), ['agency-closed B2'])
  t.strictSame(await codesOf('code,name\nNHOM,Nhóm khác\n'), ['code-of-group A2'])
  t.strictSame(await codesOf('code,name\nH51.7,Xã\n'), ['agency-incomplete 2:2'])
  t.strictSame(await codesOf('code,name\nH51.1,\n'), ['agency-incomplete B2'])
  t.strictSame(await codesOf('code,name\nH51.1,a\nH51.1,b\n'), ['agency-repeated A3'])
  t.strictSame(await codesOf('code,contactRole,contactName\nH51.1,,a\nH51.2,x,\nH51.2,x,\n'), [
    'contact-without-role B2',
    'contact-repeated B4',
  ])
})

test('the acts of a file make the directory say what the file says', async (t) => {
  const file =
    'code,name,tier,parent,validTo,successors,aliasesFree,channel,url,reaches,contactRole,contactPhone\nH51.1,Tên mới,commune,H51.2,,,a.1; a.2,https-push,https://b.example.vn/,itself,văn thư,+84 2\nH51.2,Cơ quan H51.2,commune,H51,,,,,,,,\nH51.3,Cơ quan H51.3,commune,H51,2027-01-01,H51.1; H51.2: Công văn,,,,,,\nH52,Mới,commune,H51,,,,mailbox,,itself,,\n'
  const { acts } = await compare(file)
  const outcome = carryOut(world, acts, { today: TODAY, tiers: TIERS })
  t.strictSame(outcome.faults, [])
  const facts = outcome.delta.asserted.map((fact, index) => ({
    ...fact,
    id: 1_000 + index,
    assertedIn: 2,
    retractedIn: null,
  }))
  const after = world.with(2, facts, outcome.delta.retracted)
  const again = await compareAgencies(after, await readAgencies(await readCsv(Buffer.from(file))), { on: ON })
  t.strictSame({ acts: again.acts, faults: again.faults }, { acts: [], faults: [] })
  t.equal(sheetRecord(after, agencyCode('H51.1'), ON)?.name, 'Tên mới')
})

test('every column of agencies has a reader that takes what the export writes', async (t) => {
  for (const agency of exported(world, ON))
    for (const { key, show, reader } of AGENCY_COLUMNS) {
      const text = show(agency)
      if (typeof text === 'string' && text !== '') t.equal(reader.read(text), text, key)
    }
})

test(`5,000 changed rows against ${REAL_SIZE} agencies in time`, async (t) => {
  const lines = readFileSync(new URL('../../../../schemas/codes/level-1.ndjson', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const levelOne = lines.flatMap((line, index) => {
    const read = readFact(line, index + 1)
    return isFault(read) ? [] : [read]
  })
  const country = DirectorySnapshot.of(
    1,
    asFacts(generateDirectory({ levelOne, agencies: REAL_SIZE, seed: 1 })),
  )
  const open = [...country.codes()].filter((code) => country.isOpen(code, ON)).slice(-5_000)
  const records = open
    .flatMap((code) => sheetRecord(country, code, ON) ?? [])
    .map((each) => ({ ...each, name: `${each.name} mới` }))
  const csv = Buffer.from([...writeCsv([agencyHeader('vi'), ...agencyRows(records)])].join(''))
  const xlsx = await buffer(
    writeXlsx({ name: 'Danh bạ', header: agencyHeader('vi'), widths: [], rows: agencyRows(records) }),
  )
  for (const [name, read] of [
    ['csv', async () => readCsv(csv)],
    ['xlsx', () => readXlsx(xlsx)],
  ] as const) {
    const { result, wall, cpu } = await workTime(async () =>
      compareAgencies(country, await readAgencies(await read()), { on: ON }),
    )
    t.comment(`${name}: ${cpu.toFixed(0)} ms of work, ${wall.toFixed(0)} ms on the wall`)
    t.strictSame(result.faults, [])
    t.equal(result.acts.length, 5_000)
    t.ok(cpu < 3_000, `${name}: 2 s on a machine of its own`)
  }
})
