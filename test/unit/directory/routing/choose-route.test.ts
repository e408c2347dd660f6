import fc from 'fast-check'
import t from 'tap'
import { chooseRoute } from '../../../../src/directory/routing/choose-route.ts'
import { compileTable } from '../../../../src/directory/routing/compile-table.ts'
import { explainRoute } from '../../../../src/directory/routing/explain-rules.ts'
import type { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import { type ChannelId, type UsableChannels, WITHOUT_CONNECTOR } from '../../../../src/domain/channel-id.ts'
import { agencyCode } from '../../../../src/domain/identifiers.ts'
import type { RouteFacts, TableRule } from '../../../../src/domain/routing-rule.ts'
import { factsTo, push, questions, snapshotOf, snapshots, tables, usables } from './world.ts'

interface Verdict {
  readonly channel: ChannelId
  readonly fallback: readonly ChannelId[]
  readonly rule: string
}

/** The rule of routing once more, said in another way: a judge for the one that is used. */
function judge(
  rules: readonly TableRule[],
  snapshot: DirectorySnapshot,
  usable: UsableChannels,
  facts: RouteFacts,
): Verdict {
  const { recipient, day } = facts
  const isUnder = (child: string, above: string): boolean => child === above || child.startsWith(`${above}.`)
  const ends = [recipient.code, parent(recipient.code), parent(parent(recipient.code))].map((one) =>
    one === '' ? undefined : snapshot.fact(agencyCode(one), 'endpoint', day)?.value,
  )
  const endpoint = ends[0] ?? ends.slice(1).find((one) => one?.reaches === 'subtree')
  const can = (channel: ChannelId): boolean =>
    channel === 'mailbox' || (channel === 'https-push' ? endpoint?.url != null : usable.has(channel))
  for (const rule of rules) {
    const applies =
      (rule.recipient ?? recipient.code) === recipient.code &&
      (rule.under === undefined || isUnder(recipient.code, rule.under)) &&
      (rule.tier ?? recipient.tier) === recipient.tier &&
      (rule.documentType === undefined || rule.documentType === facts.documentType) &&
      (rule.urgencyAtLeast ?? 0) <= facts.urgency &&
      (rule.sender ?? facts.sender) === facts.sender &&
      (rule.senderUnder === undefined || isUnder(facts.sender, rule.senderUnder)) &&
      (rule.validFrom ?? '0') <= day &&
      day < (rule.validTo ?? '9')
    if (!applies) continue
    const fits = can(rule.channel) && facts.bytes <= (rule.maxBytes ?? Number.POSITIVE_INFINITY)
    const [channel, ...fallback] = [
      ...(fits ? [rule.channel] : []),
      ...(rule.fallback ?? []).filter((one) => can(one)),
    ]
    if (channel !== undefined) return { channel, fallback, rule: rule.id }
  }
  const rule =
    endpoint === undefined ? 'mailbox' : endpoint === ends[0] ? 'own-endpoint' : 'inherited-endpoint'
  return { channel: endpoint?.channel ?? 'mailbox', fallback: [], rule: `default:${rule}` }
}

const parent = (code: string): string => code.split('.').slice(0, -1).join('.')

t.test('the first rule that can decides, as whoever reads the table line by line would say', async (t) => {
  let byRule = 0
  fc.assert(
    fc.property(tables, snapshots, usables, questions, (table, snapshot, usable, { to, ...given }) => {
      const facts = factsTo(snapshot, to, given)
      const { channel, fallback, explanation } = chooseRoute(compileTable(table), snapshot, usable, facts)
      const expected = judge(table.rules, snapshot, usable, facts)
      if (!explanation.rule.startsWith('default')) byRule++
      return (
        channel === expected.channel &&
        fallback.join() === expected.fallback.join() &&
        explanation.rule === expected.rule &&
        explanation.revision === 7 &&
        explanation.directoryRevision === 3
      )
    }),
    { numRuns: 5_000 },
  )
  t.ok(byRule > 1_000, `${byRule} of 5,000 were decided by a rule`)
})

t.test('the explanation for people and the decision never differ', async () => {
  fc.assert(
    fc.property(tables, snapshots, usables, questions, (table, snapshot, usable, { to, ...given }) => {
      const facts = factsTo(snapshot, to, given)
      const compiled = compileTable(table)
      const chosen = chooseRoute(compiled, snapshot, usable, facts)
      const explained = explainRoute(compiled, snapshot, usable, facts)
      const because = new Map(explained.tried.map(({ rule, because }) => [rule.id, because]))
      const { tried, alsoPassed, ...explanation } = chosen.explanation
      const { tried: all, alsoPassed: none, ...same } = explained.route.explanation
      return (
        JSON.stringify({ ...chosen, explanation }) ===
          JSON.stringify({ ...explained.route, explanation: same }) &&
        tried.every(({ rule, because: why }) => because.get(rule) === why) &&
        tried.length + alsoPassed === all.length + none &&
        all.length + (explained.decided === undefined ? 0 : 1) + explained.notReached === table.rules.length
      )
    }),
    { numRuns: 2_000 },
  )
})

t.test('nobody is sent to an endpoint or a connector that is not there', async () => {
  fc.assert(
    fc.property(tables, snapshots, questions, (table, snapshot, { to, ...given }) => {
      const { channel, fallback } = chooseRoute(
        compileTable(table),
        snapshot,
        WITHOUT_CONNECTOR,
        factsTo(snapshot, to, given),
      )
      return [channel, ...fallback].every((one) => WITHOUT_CONNECTOR.has(one))
    }),
  )
})

const hierarchy = snapshotOf([
  { code: 'H01', endpoint: push('subtree') },
  { code: 'H01.1', parent: 'H01' },
  { code: 'H01.1.7', parent: 'H01.1', tier: 'commune', endpoint: push() },
  { code: 'H02', endpoint: push() },
  { code: 'H02.3', parent: 'H02' },
])

const routeIn = (rules: readonly TableRule[], to: string, given: Partial<RouteFacts> = {}) =>
  chooseRoute(
    compileTable({ revision: 1, rules }),
    hierarchy,
    WITHOUT_CONNECTOR,
    factsTo(hierarchy, to, given),
  )

t.test('defaults follow the hierarchy, and say whose endpoint it is', async (t) => {
  t.match(routeIn([], 'H01.1.7'), { channel: 'https-push', explanation: { rule: 'default:own-endpoint' } })
  t.match(routeIn([], 'H01.1'), {
    channel: 'https-push',
    explanation: { rule: 'default:inherited-endpoint', endpointOf: 'H01' },
  })
  t.match(routeIn([], 'H02.3'), { channel: 'mailbox', explanation: { rule: 'default:mailbox' } })
  t.notOk('endpointOf' in routeIn([], 'H02.3').explanation)
})

t.test('a channel that cannot take the document is passed over by name', async (t) => {
  const rules: TableRule[] = [
    { id: 'axis', recipient: agencyCode('H02'), channel: 'national-axis' },
    {
      id: 'small',
      recipient: agencyCode('H02'),
      channel: 'https-push',
      maxBytes: 500,
      fallback: ['gateway', 'mailbox'],
    },
  ]
  t.match(routeIn(rules, 'H02'), {
    channel: 'mailbox',
    fallback: [],
    explanation: {
      rule: 'small',
      tried: [{ rule: 'axis', because: 'no-connector' }],
      fellBackFrom: [
        { channel: 'https-push', because: 'too-large' },
        { channel: 'gateway', because: 'no-connector' },
      ],
    },
  })
  t.match(routeIn(rules, 'H02', { bytes: 500 }), { channel: 'https-push', fallback: ['mailbox'] })
  t.match(routeIn([{ id: 'push', channel: 'https-push' }], 'H02.3').explanation.tried, [
    { rule: 'push', because: 'no-endpoint' },
  ])
})

t.test('an explanation stays small however long the table is', async (t) => {
  const rules = Array.from({ length: 5_000 }, (_, index): TableRule => {
    const about = index % 10 === 0 ? 'H02' : `X${index}`
    return { id: `r${index}`, recipient: agencyCode(about), sender: agencyCode('G99'), channel: 'mailbox' }
  })
  const { explanation } = routeIn(rules, 'H02')
  t.equal(explanation.tried.length, 100)
  t.equal(explanation.alsoPassed, 4_900)
  t.ok(explanation.tried.every(({ because }) => because === 'sender'))
})
