import { readFile } from 'node:fs/promises'
import t from 'tap'
import { type TableContext, validateTable } from '../../../../src/directory/routing/validate-table.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import { type ChannelId, WITHOUT_CONNECTOR } from '../../../../src/domain/channel-id.ts'
import type { EndpointValue, NewFact } from '../../../../src/domain/directory/fact.ts'
import type { Fault } from '../../../../src/domain/fault.ts'
import { agencyCode } from '../../../../src/domain/identifiers.ts'
import type { TableRule } from '../../../../src/domain/routing-rule.ts'
import { workTime } from '../../../support/work-time.ts'
import { DAY, numbered, push } from './world.ts'

const facts: NewFact[] = []
const say = (
  code: string,
  tier: string,
  parent: string | null,
  from = '2020-01-01',
  to: string | null = null,
) => {
  const about = { subject: agencyCode(code), validFrom: from, validTo: to }
  facts.push(
    { ...about, kind: 'existence', value: {} },
    { ...about, kind: 'name', value: { name: `Cơ quan ${code}` } },
    {
      ...about,
      kind: 'placement',
      value: { tier, parent: parent === null ? null : agencyCode(parent) },
    },
  )
}
const reach = (code: string, value: EndpointValue, from: string, to: string | null = null) =>
  facts.push({ subject: agencyCode(code), kind: 'endpoint', value, validFrom: from, validTo: to })

say('G01', 'central', null)
say('H01', 'province', null)
say('H01.1', 'commune', 'H01')
say('H01.2', 'commune', 'H01')
say('H01.03', 'commune', 'H01')
say('H02', 'province', null)
say('H03', 'province', null)
say('H04', 'province', null, '2020-01-01', '2025-07-01')
say('H05', 'province', null, '2020-01-01', '2026-12-15')
say('H06', 'province', null, '2027-01-01')
for (const [code, on] of [
  ['H04', '2025-07-01'],
  ['H05', '2026-12-15'],
])
  facts.push({
    subject: agencyCode(code!),
    kind: 'succession',
    validFrom: on!,
    validTo: null,
    value: {
      act: 'merge',
      heirs: [{ code: agencyCode('H02') }],
      main: agencyCode('H02'),
      whenAddressed: 'redirect',
      whenInFlight: 'redirect',
      basis: '202/2025/QH15',
    },
  })
facts.push(
  {
    subject: agencyCode('H01'),
    kind: 'alias',
    value: { alias: '000.00.00.H01', form: 'qcvn-13' },
    validFrom: '2020-01-01',
    validTo: null,
  },
  {
    subject: agencyCode('NHOM.1'),
    kind: 'group',
    value: { name: 'Các tỉnh', members: { tier: 'province' } },
    validFrom: '2020-01-01',
    validTo: null,
  },
)
reach('H01.1', push(), '2020-01-01', '2026-11-01')
reach('H01.2', push(), '2020-01-01', '2026-12-01')
reach('H02', push('subtree'), '2020-01-01')
reach('H05', push(), '2020-01-01')
reach('H06', push(), '2027-01-01')
const snapshot = DirectorySnapshot.of(4, numbered(facts))

const context: TableContext = {
  usable: WITHOUT_CONNECTOR,
  today: DAY,
  tiers: [
    { code: 'central', closedOn: null },
    { code: 'province', closedOn: null },
    { code: 'district', closedOn: '2025-07-01' },
    { code: 'commune', closedOn: null },
  ],
}
const ALL = new Set<ChannelId>(['mailbox', 'https-push', 'national-axis', 'gateway'])

type Sketch = Partial<Record<'recipient' | 'under' | 'sender' | 'senderUnder' | 'gateway', string>> &
  Omit<Partial<TableRule>, 'recipient' | 'under' | 'sender' | 'senderUnder' | 'gateway'>

const tableOf = (sketches: readonly Sketch[]): TableRule[] =>
  sketches.map(({ recipient, under, sender, senderUnder, gateway, ...rest }, index) => ({
    id: `r${index}`,
    channel: 'mailbox',
    ...rest,
    ...(recipient !== undefined && { recipient: agencyCode(recipient) }),
    ...(under !== undefined && { under: agencyCode(under) }),
    ...(sender !== undefined && { sender: agencyCode(sender) }),
    ...(senderUnder !== undefined && { senderUnder: agencyCode(senderUnder) }),
    ...(gateway !== undefined && { gateway: agencyCode(gateway) }),
  }))

const validate = (sketches: readonly Sketch[], usable = context.usable): Fault[] =>
  validateTable(tableOf(sketches), snapshot, { ...context, usable })

const brief = ({ code, severity, path }: Fault) => `${severity === 'error' ? '!' : '?'}${code} ${path}`

/** Each defect: a table, and everything that is said of it. */
const DEFECTS: Readonly<Record<string, readonly [readonly Sketch[], readonly string[], boolean?]>> = {
  'no defect': [
    [
      { recipient: 'H01', channel: 'mailbox' },
      { under: 'H02', channel: 'https-push', fallback: ['mailbox'] },
      { tier: 'commune', quietHours: { from: '22:00', to: '06:00', passedFrom: 2 } },
      {},
    ],
    [],
  ],
  'an unknown code': [[{ recipient: 'H99' }], ['!agency-unknown #/content/0/recipient']],
  'an alias': [[{ sender: '000.00.00.H01' }], ['!agency-unknown #/content/0/sender']],
  'a group': [[{ recipient: 'NHOM.1' }], ['!agency-is-group #/content/0/recipient']],
  'a closed recipient': [[{ recipient: 'H04' }], ['!agency-closed #/content/0/recipient']],
  'a closed sender': [[{ sender: 'H04' }], ['!agency-closed #/content/0/sender']],
  'a subtree whose root has closed': [[{ under: 'H04' }], ['?agency-closed #/content/0/under']],
  'a recipient that closes while the rule holds': [
    [{ recipient: 'H05' }, { sender: 'H05', validTo: '2026-12-15' }],
    ['?agency-closes #/content/0/recipient'],
  ],
  'an agency that is yet to come': [[{ recipient: 'H06' }], []],
  'an unknown tier': [[{ tier: 'ward' }], ['!tier-unknown #/content/0/tier']],
  'a tier that has closed': [[{ tier: 'district' }], ['?tier-closed #/content/0/tier']],
  'an id twice': [
    [
      { id: 'x', recipient: 'H01' },
      { id: 'x', recipient: 'H02' },
    ],
    ['!rule-id-repeated #/content/1/id'],
  ],
  'days reversed': [
    [{ recipient: 'H01', validFrom: '2027-01-01', validTo: '2027-01-01' }],
    ['!days-reversed #/content/0/validTo'],
  ],
  'a rule that has ended': [[{ recipient: 'H04', validTo: DAY }], ['?rule-past #/content/0/validTo']],
  'hours that are none': [
    [{ quietHours: { from: '24:00', to: '6', passedFrom: 1 } }],
    [
      '!quiet-hours-malformed #/content/0/quietHours/from',
      '!quiet-hours-malformed #/content/0/quietHours/to',
    ],
  ],
  'hours that end when they begin': [
    [{ quietHours: { from: '06:00', to: '06:00', passedFrom: 1 } }],
    ['!quiet-hours-empty #/content/0/quietHours'],
  ],
  'hours that everything passes': [
    [{ quietHours: { from: '22:00', to: '06:00', passedFrom: 0 } }],
    ['!quiet-hours-empty #/content/0/quietHours'],
  ],
  'a fall-back to itself': [[{ fallback: ['mailbox'] }], ['!fallback-cycle #/content/0/fallback/0']],
  'a fall-back twice': [
    [{ recipient: 'H02', channel: 'https-push', fallback: ['mailbox', 'mailbox'] }],
    ['!fallback-repeated #/content/0/fallback/1'],
  ],
  'a gateway without a name': [[{ channel: 'gateway' }], ['!gateway-missing #/content/0/gateway'], true],
  'a gateway for nothing': [[{ gateway: 'G01' }], ['!gateway-unexpected #/content/0/gateway']],
  'a channel without connector': [
    [{ channel: 'national-axis', urgencyAtLeast: 2 }],
    ['!rule-dead-end #/content/0/channel'],
  ],
  'a channel without connector, with a fall-back': [
    [{ channel: 'national-axis', fallback: ['mailbox'] }],
    ['?channel-not-connected #/content/0/channel'],
  ],
  'a channel that has its connector': [[{ channel: 'national-axis' }], [], true],
  'an agency that nothing reaches': [
    [{ recipient: 'H03', channel: 'national-axis' }],
    ['!rule-dead-end #/content/0/channel', '!agency-unreachable #/content/0'],
  ],
  'an agency that a later rule reaches': [
    [{ recipient: 'H03', channel: 'national-axis' }, { tier: 'province' }],
    ['!rule-dead-end #/content/0/channel'],
  ],
  'an agency that is reached for some documents alone': [
    [
      { recipient: 'H03', channel: 'national-axis' },
      { recipient: 'H03', documentType: 'Công văn' },
    ],
    ['!rule-dead-end #/content/0/channel', '!agency-unreachable #/content/0'],
  ],
  'a subtree that nothing reaches': [
    [{ under: 'H03', channel: 'national-axis' }],
    ['!rule-dead-end #/content/0/channel', '!agency-unreachable #/content/0'],
  ],
  'an endpoint that has ended': [
    [{ recipient: 'H01.1', channel: 'https-push', fallback: ['mailbox'] }],
    ['?endpoint-expired #/content/0/channel'],
  ],
  'an endpoint that is about to end': [
    [{ recipient: 'H01.2', channel: 'https-push' }],
    ['?endpoint-ending #/content/0/channel'],
  ],
  'endpoints of a subtree': [
    [{ under: 'H01', channel: 'https-push' }],
    ['?endpoint-expired #/content/0/channel', '?endpoint-ending #/content/0/channel'],
  ],
  'no endpoint at all': [
    [{ recipient: 'H03', channel: 'https-push' }],
    ['!rule-dead-end #/content/0/channel'],
  ],
  'no endpoint, with a fall-back': [
    [{ recipient: 'H03', channel: 'https-push', fallback: ['mailbox'] }],
    ['?endpoint-missing #/content/0/channel'],
  ],
  'the same twice': [[{ recipient: 'H01' }, { recipient: 'H01' }], ['?rule-shadowed #/content/1']],
  'the contrary': [
    [
      { recipient: 'H02', channel: 'https-push' },
      { recipient: 'H02', channel: 'mailbox' },
    ],
    ['!rule-ambiguous #/content/1'],
  ],
  'larger documents go elsewhere': [
    [
      { recipient: 'H02', channel: 'https-push', maxBytes: 1_000 },
      { recipient: 'H02', channel: 'mailbox' },
    ],
    [],
  ],
  'hidden by a tier': [
    [{ tier: 'province' }, { recipient: 'H01', channel: 'https-push', fallback: ['mailbox'] }],
    ['?rule-shadowed #/content/1', '?endpoint-missing #/content/1/channel'],
  ],
  'hidden by a subtree': [
    [{ under: 'H01' }, { recipient: 'H01.2', documentType: 'Công văn' }],
    ['?rule-shadowed #/content/1'],
  ],
  'not hidden by a rule that may be passed over': [
    [
      { under: 'H02', channel: 'https-push' },
      { recipient: 'H02', documentType: 'Công văn' },
    ],
    [],
  ],
  'not hidden by a narrower one': [[{ recipient: 'H01', urgencyAtLeast: 2 }, { recipient: 'H01' }], []],
  'two gateways that send on to each other': [
    [
      { recipient: 'H01', channel: 'gateway', gateway: 'H02' },
      { recipient: 'H02', channel: 'gateway', gateway: 'H01' },
    ],
    ['!gateway-cycle #/content/1/gateway'],
    true,
  ],
  'three gateways in a ring': [
    [
      { under: 'H01', channel: 'gateway', gateway: 'H02' },
      { under: 'H02', channel: 'gateway', gateway: 'H03' },
      { tier: 'province', channel: 'gateway', gateway: 'H01' },
    ],
    ['!gateway-cycle #/content/1/gateway'],
    true,
  ],
  'a ring that no document can go round': [
    [
      { recipient: 'H01', documentType: 'Công văn', channel: 'gateway', gateway: 'H02' },
      { recipient: 'H02', documentType: 'Báo cáo', channel: 'gateway', gateway: 'H01' },
    ],
    [],
    true,
  ],
  'a gateway for the subtree of its own agency': [
    [{ under: 'H01', channel: 'gateway', gateway: 'H01' }],
    [],
    true,
  ],
}

for (const [defect, [sketches, expected, connected]] of Object.entries(DEFECTS)) {
  t.test(defect, async (t) => {
    const faults = validate(sketches, connected ? ALL : WITHOUT_CONNECTOR)
    t.strictSame(faults.map(brief), expected)
    for (const { hint, code } of faults) t.ok(hint.vi.length > 10 && hint.en.length > 10, code)
  })
}

t.test('a fault tells what would be right', async (t) => {
  t.equal(validate([{ recipient: '000.00.00.H01' }])[0]?.expected, 'H01')
  t.equal(validate([{ recipient: '000.00.03.H01' }])[0]?.expected, 'H01.03', 'the usual rewriting')
  t.equal(validate([{ recipient: '000.00.09.H01' }])[0]?.expected, undefined, 'where there is such a code')
  t.equal(validate([{ recipient: 'H04' }])[0]?.expected, 'H02', 'the successor')
  t.match(validate([{ recipient: 'H05' }])[0], { expected: 'H02', hint: { en: /2026-12-15/ } })
  t.match(validate([{ under: 'H01', channel: 'https-push' }])[0], { found: 'H01.1 (2026-11-01)' })
  t.match(validate([{}, { recipient: 'H01' }])[0], { found: 'r1', expected: 'r0' })
  t.match(
    validate(
      [
        { recipient: 'H01', channel: 'gateway', gateway: 'H02' },
        { recipient: 'H02', channel: 'gateway', gateway: 'H01' },
      ],
      ALL,
    )[0],
    { found: 'H02 → H01 → H02' },
  )
})

t.test('administrators can look up every code', async (t) => {
  const page = await readFile(new URL('../../../../docs/how-to/routing-tables.md', import.meta.url), 'utf8')
  const told = Object.values(DEFECTS).flatMap(([, expected]) =>
    expected.map((one) => one.slice(1).split(' ')[0]),
  )
  for (const code of new Set([...told, 'gateways-too-many'])) t.ok(page.includes(`\`${code}\``), `${code}`)
})

t.test('everything is told together, under the path that was asked for', async (t) => {
  const rules = tableOf([{ recipient: 'H99', tier: 'ward', fallback: ['mailbox'] }, { sender: 'H98' }])
  const faults = validateTable(rules, snapshot, { ...context, path: '#/body/rules' })
  t.strictSame(faults.map(brief), [
    '!agency-unknown #/body/rules/0/recipient',
    '!tier-unknown #/body/rules/0/tier',
    '!fallback-cycle #/body/rules/0/fallback/0',
    '!agency-unknown #/body/rules/1/sender',
  ])
})

t.test('a table of gateways without end is refused, not examined for ever', async (t) => {
  const codes = Array.from({ length: 3_000 }, (_, index) => agencyCode(`X${index}`))
  const rules = codes.map(
    (code, index): TableRule => ({ id: `r${index}`, sender: code, channel: 'gateway', gateway: code }),
  )
  const { result: faults, cpu } = await workTime(async () =>
    validateTable(rules, snapshot, { ...context, usable: ALL }),
  )
  t.ok(faults.some(({ code }) => code === 'gateways-too-many'))
  t.ok(cpu < 5_000, `${Math.round(cpu)} ms`)
})
