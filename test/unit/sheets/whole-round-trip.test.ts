import { deepStrictEqual } from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { test } from 'tap'
import { compareAgencies } from '../../../src/directory/drafts/compare-agencies.ts'
import { directorySheet, routingSheet } from '../../../src/directory/drafts/export-sheets.ts'
import { readContent } from '../../../src/directory/drafts/read-content.ts'
import { DirectorySnapshot } from '../../../src/directory/snapshot/snapshot.ts'
import type { Fact, NewFact } from '../../../src/domain/directory/fact.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import type { TableRule } from '../../../src/domain/routing-rule.ts'
import { readAgencies } from '../../../src/sheets/agencies-sheet.ts'
import { SHEET_FORMATS, type SheetFormat } from '../../../src/sheets/formats.ts'
import { readRules } from '../../../src/sheets/rules-sheet.ts'
import type { SheetToWrite } from '../../../src/sheets/xlsx/write-xlsx.ts'

/*
 * Whatever a draft may say goes out as a file and comes back as itself: the texts here are all that drafts let through,
 * chosen for what spreadsheets do to them.
 */
const PARTS = [
  '=',
  '+1',
  '-',
  '@SUM',
  "'",
  '"',
  ',',
  ';',
  ':',
  '\\',
  '*',
  '🏛️',
  '한',
  'ế',
  'e\u0302\u0301',
  '_x0041_',
]
const MORE_PARTS = [
  '0012',
  '2025-07-01',
  '1E5',
  'TRUE',
  '<b>',
  '&amp;',
  ']]>',
  '\u200b',
  '＝',
  'Công văn',
  ' ',
  'x',
]
const isLine = (text: string, most: number): boolean =>
  /^[^\p{Cc}\s]([^\p{Cc}]*[^\p{Cc}\s])?$/u.test(text) && [...text].length <= most
const line = (most: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      {
        weight: 9,
        arbitrary: fc.array(fc.constantFrom(...PARTS, ...MORE_PARTS), { minLength: 1, maxLength: 6 }),
      },
      { weight: 1, arbitrary: fc.constantFrom('x', '=', 'ệ', '🏛').map((one) => [one.repeat(most)]) },
    )
    .map((parts) => parts.join(''))
    .filter((text) => isLine(text, most))
const CODES = ['0012', '1e5', 'H90', 'H90.31', '000.00.15.H51', 'TRUE', '2025-07-01', 'G'.padEnd(35, '0')]
const code = fc.constantFrom(...CODES).map(agencyCode)
const day = fc.constantFrom('1900-01-01', '1999-12-31', '2024-02-29', '2025-07-01', '2199-12-31')
const urgency = fc.constantFrom(0, 1, 2, 3, 4)
const channel = fc.constantFrom('mailbox', 'https-push', 'national-axis', 'gateway')
const hour = fc.constantFrom('00:00', '05:30', '12:00', '23:59')

const rule = fc.record(
  {
    id: fc.stringMatching(/^[A-Za-z0-9._-]{1,100}$/),
    recipient: code,
    under: code,
    tier: fc.constantFrom('central', 'province', 'district', 'commune', 'x', 'special-zone'),
    documentType: line(200),
    urgencyAtLeast: urgency,
    sender: code,
    senderUnder: code,
    validFrom: day,
    validTo: day,
    channel,
    gateway: code,
    fallback: fc.uniqueArray(channel, { minLength: 1 }),
    quietHours: fc.record({ from: hour, to: hour, passedFrom: urgency }),
    maxBytes: fc.oneof(fc.constantFrom(1, 2 ** 40, 2 ** 41, Number.MAX_SAFE_INTEGER), fc.integer({ min: 1 })),
    comment: line(500),
  },
  { requiredKeys: ['id', 'channel'] },
)
const rules = fc.uniqueArray(rule, { selector: ({ id }) => id, maxLength: 8 })

const FORMATS = [
  ['csv', ','],
  ['csv', ';'],
  ['xlsx', ','],
] as const

async function back(format: SheetFormat, delimiter: ',' | ';', sheet: SheetToWrite) {
  const { read, write } = SHEET_FORMATS[format]
  return read(await buffer(write(sheet, delimiter)))
}

for (const [format, delimiter] of FORMATS)
  test(`a routing table goes out and comes back as ${format} with ${delimiter}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(rules, fc.constantFrom('vi', 'en'), async (given, language) => {
        const before = (await readContent('routing', given)) as readonly TableRule[]
        const found = await readRules(await back(format, delimiter, routingSheet(before, language)))
        deepStrictEqual(found.faults, [])
        deepStrictEqual(sorted(found.rules), sorted(before))
      }),
      { numRuns: 120 },
    )
    t.pass('for all of them')
  })

/** The same whatever the order of its fields. */
const sorted = (table: readonly TableRule[]): unknown =>
  table.map((one) => Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))

const alias = fc
  .array(fc.constantFrom(...PARTS, '0012', 'x', '.', '-'), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''))
  .filter((text) => /^[^\s\p{C}]+$/u.test(text))
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const agency = fc.record({
  code,
  name: line(500),
  closed: fc.boolean(),
  parent: orNull(code),
  aliases: fc.uniqueArray(fc.record({ alias, form: fc.constantFrom('qcvn-13', 'code102', 'free') }), {
    selector: (one) => one.alias.normalize('NFC'),
    maxLength: 4,
  }),
  contacts: fc.uniqueArray(
    fc.record({
      role: line(100),
      name: orNull(line(200)),
      phone: orNull(line(100)),
      email: orNull(line(254)),
      address: orNull(line(500)),
    }),
    { selector: (one) => one.role.normalize('NFC'), maxLength: 3 },
  ),
  endpoint: orNull(
    fc.record({
      channel: fc.constant('https-push'),
      url: fc.constantFrom('https://x.vn/=1?a,b;c', 'HTTPS://X.VN/', `https://x.vn/${'y'.repeat(1_987)}`),
      reaches: fc.constantFrom('itself', 'subtree'),
    }),
  ),
  types: fc.uniqueArray(line(200), { minLength: 1, maxLength: 3 }),
  isMain: fc.boolean(),
})
const agencies = fc.uniqueArray(agency, { selector: (one) => one.code, maxLength: 4 })
type Given = typeof agency extends fc.Arbitrary<infer T> ? T : never

function factsOf(given: Given): NewFact[] {
  const { name, closed, parent, aliases, contacts, endpoint, types, isMain } = given
  const heir = agencyCode('H90.31')
  const about = { subject: given.code, validFrom: '2020-01-01', validTo: closed ? '2026-12-31' : null }
  return [
    { ...about, kind: 'existence', value: {} },
    { ...about, kind: 'name', value: { name } },
    { ...about, kind: 'placement', value: { tier: 'commune', parent } },
    ...aliases.map((value): NewFact => ({ ...about, kind: 'alias', value: { ...value } as never })),
    ...contacts.map((value): NewFact => ({ ...about, kind: 'contact', value })),
    ...(endpoint === null ? [] : [{ ...about, kind: 'endpoint', value: endpoint } as NewFact]),
    ...(closed
      ? [
          {
            ...about,
            validFrom: '2026-12-31',
            validTo: null,
            kind: 'succession',
            value: {
              act: 'split',
              heirs: [{ code: heir, documentTypes: types }],
              main: isMain ? heir : null,
              whenAddressed: 'redirect',
              whenInFlight: 'keep',
              basis: name.slice(0, 1).trim() === '' ? null : 'x',
            },
          } as NewFact,
        ]
      : []),
  ]
}

for (const [format, delimiter] of FORMATS)
  test(`a directory goes out and comes back without an act as ${format} with ${delimiter}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(agencies, fc.constantFrom('vi', 'en'), async (given, language) => {
        const correct = { act: 'correct', facts: [], instead: given.flatMap(factsOf) }
        const [read] = await readContent('directory', [correct])
        if (read?.act !== 'correct') throw new Error('another act')
        const facts = read.instead.map(
          (fact, index): Fact => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null }),
        )
        const snapshot = DirectorySnapshot.of(1, facts)
        for (const on of ['2026-11-22', '2027-01-01']) {
          const sheet = await back(
            format,
            delimiter,
            directorySheet(snapshot, on, { closed: true }, language),
          )
          const found = await compareAgencies(snapshot, await readAgencies(sheet), { on })
          deepStrictEqual(found.faults, [])
          deepStrictEqual(found.acts, [])
        }
      }),
      { numRuns: 80 },
    )
    t.pass('for all of them')
  })
