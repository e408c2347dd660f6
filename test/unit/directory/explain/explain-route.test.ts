import t from 'tap'
import type { RoutingTable } from '../../../../src/db/routing.ts'
import { explainRoute } from '../../../../src/directory/explain/explain-route.ts'
import { narrate } from '../../../../src/directory/explain/narrate.ts'
import type { ExplainParts, RouteQuestion } from '../../../../src/directory/explain/question.ts'
import { tableAt } from '../../../../src/directory/explain/read-parts.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import { WITHOUT_CONNECTOR } from '../../../../src/domain/channel-id.ts'
import type { Fact, NewFact } from '../../../../src/domain/directory/fact.ts'
import { agencyCode } from '../../../../src/domain/identifiers.ts'
import type { TableRule } from '../../../../src/domain/routing-rule.ts'
import { agencyFacts, endpointFact } from '../../../support/record-facts.ts'

const merged: NewFact = {
  subject: agencyCode('H92'),
  kind: 'succession',
  value: {
    act: 'merge',
    heirs: [{ code: agencyCode('H90') }],
    main: agencyCode('H90'),
    whenAddressed: 'redirect',
    whenInFlight: 'redirect',
    basis: '202/2025/QH15',
  },
  validFrom: '2025-07-01',
  validTo: null,
}
const group: NewFact = {
  subject: agencyCode('NHOM'),
  kind: 'group',
  value: { name: 'Mọi cơ quan', members: { codes: ['G90', 'H90', 'H92', 'H90.31', 'H99'].map(agencyCode) } },
  validFrom: '2020-01-01',
  validTo: null,
}
const FACTS: readonly NewFact[] = [
  ...agencyFacts({ code: 'G90', name: 'Bộ Thử nghiệm', tier: 'central' }),
  ...agencyFacts({ code: 'G91', name: 'Bộ Đã đóng', tier: 'central', validTo: '2025-04-14' }),
  ...agencyFacts({ code: 'H90', name: 'Tỉnh Còn lại', tier: 'province', aliases: ['000.00.00.H90'] }),
  ...agencyFacts({ code: 'H92', name: 'Tỉnh Cũ', tier: 'province', validTo: '2025-07-01' }),
  ...agencyFacts({ code: 'H90.31', name: 'Xã Một', parent: 'H90' }),
  {
    ...endpointFact('H90', 'https://h90.example'),
    value: { channel: 'https-push', url: 'https://h90.example', reaches: 'subtree' },
  } as NewFact,
  merged,
  group,
]
const directory = DirectorySnapshot.of(
  7,
  FACTS.map((fact, index): Fact => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null })),
)

const tableOf = (revision: number, effectiveFrom: string, rules: readonly TableRule[]): RoutingTable => ({
  revision,
  rules,
  author: 'an',
  approvedBy: 'bình',
  createdAt: new Date(effectiveFrom),
  effectiveFrom: new Date(effectiveFrom),
  draftId: null,
})
const TABLES = [
  tableOf(1, '2024-01-01T00:00:00Z', []),
  tableOf(2, '2025-06-01T00:00:00Z', [
    { id: 'quyet-dinh', documentType: 'Quyết định', channel: 'mailbox' },
    {
      id: 'xa',
      tier: 'commune',
      channel: 'national-axis',
      fallback: ['mailbox'],
      comment: 'Xã đi qua trục quốc gia',
    },
    {
      id: 'dem',
      under: agencyCode('H90'),
      channel: 'https-push',
      maxBytes: 1_000_000,
      quietHours: { from: '22:00', to: '06:00', passedFrom: 2 },
    },
  ]),
  tableOf(3, '2027-01-01T00:00:00Z', []),
]

const DELEGATION = {
  id: 'd',
  agency: agencyCode('G90'),
  delegate: agencyCode('G91'),
  validFrom: '2024-01-01',
  validTo: null,
}
const NOON = new Date('2026-11-20T05:00:00Z')
const ask = (question: Partial<RouteQuestion> = {}, parts: Partial<ExplainParts> = {}) => {
  const at = question.at ?? NOON
  return explainRoute(
    { directory, ...tableAt(TABLES, at), delegations: [DELEGATION], usable: WITHOUT_CONNECTOR, ...parts },
    { sender: 'G90', recipient: 'H90', documentType: 'Công văn', urgency: 0, bytes: 1_000, at, ...question },
  )
}
const wayTo = (question: Partial<RouteQuestion> = {}) => {
  const { recipient } = ask(question)
  if (recipient.outcome !== 'agency') throw new Error(recipient.outcome)
  return recipient.way
}

t.test('the table is the one that took effect last, and what comes next is told', async (t) => {
  t.match(ask().table, {
    revision: 2,
    because: 'in-force',
    rules: 3,
    approvedBy: 'bình',
    next: { revision: 3 },
  })
  t.match(ask({ at: new Date('2025-01-01T00:00:00Z') }).table, { revision: 1, next: { revision: 2 } })
  t.match(ask({ at: new Date('2027-01-01T00:00:00Z') }).table, { revision: 3, next: null })
  t.match(ask({ at: new Date('2023-01-01T00:00:00Z') }).table, { revision: 1, because: 'earliest' })
})

t.test('rules are told with why they did not apply, up to the one that decided', async (t) => {
  const way = wayTo()
  t.equal(way.rule, 'dem')
  t.strictSame(
    way.tried.map(({ rule, because }) => [rule, because]),
    [
      ['quyet-dinh', 'documentType'],
      ['xa', 'tier'],
    ],
  )
  t.equal(way.tried[0]?.text.en, 'is for another kind of document')
  t.match(way, {
    channel: 'https-push',
    maxBytes: 1_000_000,
    endpoint: { url: 'https://h90.example', of: { code: 'H90' } },
  })
  t.equal(wayTo({ bytes: 2_000_000 }).rule, 'default:own-endpoint')
  t.equal(wayTo({ bytes: 2_000_000 }).tried.at(-1)?.because, 'too-large')
})

t.test('a channel that cannot be used is told, and the one in its place', async (t) => {
  const way = wayTo({ recipient: 'H90.31' })
  t.match(way, { rule: 'xa', channel: 'mailbox', comment: 'Xã đi qua trục quốc gia' })
  t.match(way.fellBackFrom, [{ channel: 'national-axis', because: 'no-connector' }])
  t.match(way.endpoint, { of: { code: 'H90' }, reaches: 'subtree' })
})

t.test('quiet hours are told with the time at which it is sent', async (t) => {
  const night = new Date('2026-11-20T16:30:00Z')
  t.match(wayTo({ at: night }), { waits: true, sentAt: new Date('2026-11-20T23:00:00Z') })
  t.match(wayTo({ at: night, urgency: 2 }), { waits: false, sentAt: night })
  t.match(wayTo(), { waits: false, sentAt: NOON })
})

t.test('aliases and successors are told with both names, act, day and basis', async (t) => {
  const byAlias = ask({ recipient: '000.00.00.H90' }).recipient
  t.match(byAlias, { outcome: 'agency', alias: '000.00.00.H90', way: { recipient: { code: 'H90' } } })
  const { addressed } = wayTo({ recipient: 'H92' })
  t.match(addressed, [
    {
      spelling: 'H92',
      code: 'H92',
      name: 'Tỉnh Cũ',
      hops: [
        {
          from: { name: 'Tỉnh Cũ' },
          to: { code: 'H90', name: 'Tỉnh Còn lại' },
          act: 'merge',
          on: '2025-07-01',
          basis: '202/2025/QH15',
        },
      ],
    },
  ])
  t.match(wayTo({ recipient: 'H92', at: new Date('2025-06-30T16:59:59Z') }).recipient, { code: 'H92' })
  t.equal(
    wayTo({ recipient: 'H92', at: new Date('2025-06-30T17:00:00Z') }).recipient.code,
    'H90',
    'Vietnam is seven hours ahead',
  )
})

t.test('who goes nowhere is told why', async (t) => {
  t.match(ask({ recipient: 'H99' }).recipient, {
    outcome: 'unresolvable',
    reason: 'unknown-code',
    last: null,
    meant: null,
  })
  const old = ask({ recipient: '000.00.31.H90' })
  t.match(old.recipient, { reason: 'unknown-code', meant: { code: 'H90.31', name: 'Xã Một' } })
  t.match(
    narrate(old)
      .map(({ en }) => en)
      .join('\n'),
    /perhaps Xã Một \(H90\.31\); a suggestion only/,
  )
  t.match(ask({ recipient: 'G91' }).recipient, {
    reason: 'closed-without-successor',
    closedOn: '2025-04-14',
    last: { name: 'Bộ Đã đóng' },
  })
})

t.test('a group is told with its members, page by page, without the sender', async (t) => {
  const { recipient } = ask({ recipient: 'NHOM', limit: 1 })
  if (recipient.outcome !== 'group') return t.fail(recipient.outcome)
  t.match(recipient, {
    count: 2,
    senderLeftOut: true,
    missing: [{ code: 'H99', reason: 'unknown-code' }],
    nextAfter: 'H90',
  })
  t.strictSame(
    recipient.ways[0]?.addressed.map(({ code, group }) => [code, group?.code]),
    [
      ['H90', 'NHOM'],
      ['H92', 'NHOM'],
    ],
  )
  const next = ask({ recipient: 'NHOM', limit: 1, after: 'H90' }).recipient
  t.match(next, { ways: [{ recipient: { code: 'H90.31' } }], nextAfter: null })
})

t.test('the sender is told with who may act for it', async (t) => {
  t.match(ask().sender, { outcome: 'open', delegates: [{ code: 'G91', name: 'Bộ Đã đóng', isOpen: false }] })
  t.strictSame(ask({ at: new Date('2023-06-01T00:00:00Z') }).sender.delegates, [])
  t.match(ask({ sender: 'G91' }).sender, { outcome: 'closed', delegates: [] })
  t.match(ask({ sender: 'X' }).sender, { outcome: 'unknown', agency: null })
})

t.test('the same stands in words, in both languages', async (t) => {
  const told = (question: Partial<RouteQuestion>) => {
    const lines = narrate(ask(question))
    return { vi: lines.map(({ vi }) => vi).join('\n'), en: lines.map(({ en }) => en).join('\n') }
  }
  const one = told({ recipient: 'H92', at: new Date('2026-11-20T16:30:00Z') })
  for (const words of [
    'Tỉnh Cũ (H92) sáp nhập từ 2025-07-01 theo 202/2025/QH15 → Tỉnh Còn lại (H90)',
    'quy tắc dem',
    'chờ tới 2026-11-21T06:00:00+07:00',
    'không theo quy tắc xa: nơi nhận ở cấp khác',
  ])
    t.ok(one.vi.includes(words), words)
  t.match(one.en, /merged on 2025-07-01 by 202\/2025\/QH15/)
  t.match(
    told({ recipient: 'G91' }).en,
    /GOES NOWHERE: The agency has closed, and nobody takes over \(since 2025-04-14\)/,
  )
  t.match(told({ recipient: 'NHOM' }).vi, /Nhóm nơi nhận: Mọi cơ quan \(NHOM\): 2 cơ quan, trừ nơi gửi/)
})
