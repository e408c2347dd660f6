import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { test } from 'tap'
import { diffRules, sameRules } from '../../../src/directory/drafts/diff-rules.ts'
import { readContent } from '../../../src/directory/drafts/read-content.ts'
import { CHANNEL_IDS } from '../../../src/domain/channel-id.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import type { TableRule } from '../../../src/domain/routing-rule.ts'
import { urgencyOf } from '../../../src/domain/urgency.ts'
import { readCsv } from '../../../src/sheets/read-csv.ts'
import { RULE_COLUMNS } from '../../../src/sheets/rule-columns.ts'
import { readRules, ruleHeader, ruleRows } from '../../../src/sheets/rules-sheet.ts'
import { writeCsv } from '../../../src/sheets/write-csv.ts'
import { readXlsx } from '../../../src/sheets/xlsx/read-xlsx.ts'
import { writeXlsx } from '../../../src/sheets/xlsx/write-xlsx.ts'
import { workTime } from '../../support/work-time.ts'

const code = fc.constantFrom('H51.15', 'G22', '0012', '1.10').map(agencyCode)
const line = fc
  .string({
    unit: fc.constantFrom('a', 'ế', '=', '+', "'", ';', ',', '"', '＠', ' ', '\\'),
    minLength: 1,
    maxLength: 12,
  })
  .map((text) => text.trim())
  .filter((text) => text !== '')
const urgency = fc.integer({ min: 0, max: 4 }).map(urgencyOf)
const day = fc.constantFrom('2025-07-01', '2026-12-31')
const channel = fc.constantFrom(...CHANNEL_IDS)
const body = fc.record(
  {
    channel,
    recipient: code,
    under: code,
    tier: fc.constantFrom('commune', 'cap-moi'),
    documentType: line,
    urgencyAtLeast: urgency,
    sender: code,
    senderUnder: code,
    validFrom: day,
    validTo: day,
    gateway: code,
    fallback: fc.uniqueArray(channel, { minLength: 1 }),
    quietHours: fc.record(
      { from: fc.constant('22:00'), to: fc.constant('05:30'), passedFrom: urgency },
      { noNullPrototype: true },
    ),
    maxBytes: fc.integer({ min: 1, max: 1e9 }),
    comment: line,
  },
  { requiredKeys: ['channel'], noNullPrototype: true },
)
const rules = fc
  .array(body, { maxLength: 6 })
  .map((bodies) => bodies.map((each, index): TableRule => ({ id: `r${index}`, ...each })))

const csv = (table: readonly TableRule[], language: 'vi' | 'en'): Buffer =>
  Buffer.from([...writeCsv([ruleHeader(language), ...ruleRows(table, language)])].join(''))
const xlsx = (table: readonly TableRule[], language: 'vi' | 'en'): Promise<Buffer> =>
  buffer(
    writeXlsx({
      name: 'Định tuyến',
      header: ruleHeader(language),
      widths: [],
      rows: ruleRows(table, language),
    }),
  )

for (const language of ['vi', 'en'] as const)
  test(`a table that is exported and imported is the same (${language})`, async (t) => {
    await fc.assert(
      fc.asyncProperty(rules, async (table) => {
        for (const sheet of [
          await readCsv(csv(table, language)),
          await readXlsx(await xlsx(table, language)),
        ]) {
          const read = await readRules(sheet)
          if (read.faults.length > 0 || !sameRules(diffRules(table, read.rules)))
            throw new Error(JSON.stringify(read))
        }
      }),
      { numRuns: 100 },
    )
    t.pass('for all of them')
  })

test('every field of a rule has a column', async (t) => {
  const keys = new Set<string>(RULE_COLUMNS.map(({ key }) => key))
  const fields: Record<keyof Required<TableRule>, string> = {
    id: 'id',
    recipient: 'recipient',
    under: 'under',
    tier: 'tier',
    documentType: 'documentType',
    urgencyAtLeast: 'urgencyAtLeast',
    sender: 'sender',
    senderUnder: 'senderUnder',
    validFrom: 'validFrom',
    validTo: 'validTo',
    channel: 'channel',
    gateway: 'gateway',
    fallback: 'fallback',
    quietHours: 'quietFrom',
    maxBytes: 'maxBytes',
    comment: 'comment',
  }
  for (const key of Object.values(fields)) t.ok(keys.has(key), key)
})

test('names of people for channels, urgencies and tiers', async (t) => {
  const file =
    'Mã quy tắc;Kênh;Độ khẩn từ;Cấp;Kênh dự phòng\nr1;Báo tin qua HTTPS;HỎA TỐC;Cấp xã;mailbox; \nr2;mailbox;1;commune;"https-push; mailbox"\n'
  const { rules: read, faults } = await readRules(await readCsv(Buffer.from(file)))
  t.strictSame(faults, [])
  t.strictSame(read, [
    { id: 'r1', tier: 'commune', channel: 'https-push', urgencyAtLeast: 3, fallback: ['mailbox'] },
    { id: 'r2', tier: 'commune', channel: 'mailbox', urgencyAtLeast: 1, fallback: ['https-push', 'mailbox'] },
  ])
})

test('what is wrong with rules, by cell', async (t) => {
  const file =
    'Kênh,Mã quy tắc,Giờ nghỉ từ,Giờ nghỉ đến,Cỡ tối đa (byte)\nfax,a,22:00,25:00,0\nmailbox,a,,,1.5\n'
  const { faults, addressOf } = await readRules(await readCsv(Buffer.from(file)))
  t.strictSame(
    faults.map((fault) => `${fault.code} ${fault.path}`),
    [
      'cell-unfitting A2',
      'cell-unfitting D2',
      'cell-unfitting E2',
      'cell-unfitting E3',
      'rule-repeated B3',
      'quiet-hours-incomplete D2',
    ],
  )
  t.match(faults[0]?.hint, { vi: /mailbox/, en: /https-push/ })
  t.equal(addressOf('#/content/1/channel'), 'A3')
  t.equal(addressOf('#/content/0/quietHours/to'), 'D2')
  t.equal(addressOf('#/content/0/fallback/1'), '2:2')
  t.equal(addressOf('#/content/0'), 'B2')
  t.equal(addressOf('#/content/7/channel'), undefined)
})

test('5,000 changed rules of 20,000 are read, checked for their shape and diffed in time', async (t) => {
  const before = Array.from(
    { length: 20_000 },
    (_, index): TableRule => ({
      id: `rule-${index}`,
      recipient: agencyCode(`H51.${index}`),
      tier: 'commune',
      documentType: 'Công văn',
      urgencyAtLeast: 2,
      senderUnder: agencyCode('H51'),
      validFrom: '2025-07-01',
      channel: 'https-push',
      fallback: ['mailbox'],
      quietHours: { from: '22:00', to: '05:30', passedFrom: 3 },
      maxBytes: 5_000_000,
      comment: `Xã thứ ${index} của tỉnh`,
    }),
  )
  const after = before.map((rule, index) => (index % 4 === 0 ? { ...rule, maxBytes: index + 1 } : rule))
  const files = { csv: csv(after, 'vi'), xlsx: await xlsx(after, 'vi') }
  const timed = async (name: string, read: () => ReturnType<typeof readCsv>) => {
    const { result, wall, cpu } = await workTime(async () => {
      const { rules: table, faults } = await readRules(await read())
      return { faults, diff: diffRules(before, await readContent('routing', table)) }
    })
    t.comment(`${name}: ${cpu.toFixed(0)} ms of work, ${wall.toFixed(0)} ms on the wall`)
    t.equal(result.faults.length, 0)
    t.equal(result.diff.changed.length, 5_000)
    t.ok(cpu < 3_000, `${name}: 2 s on a machine of its own`)
  }
  await timed('csv', () => readCsv(files.csv))
  await timed('xlsx', () => readXlsx(files.xlsx))
})
