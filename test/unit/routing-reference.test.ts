import t from 'tap'
import { pick, randomOf } from '../../scripts/bench/routing/random.ts'
import type { RoutingTable } from '../../src/db/routing.ts'
import { compiledOf } from '../../src/directory/routing/compile-table.ts'
import { explainRoute } from '../../src/directory/routing/explain-rules.ts'
import { routeDelivery } from '../../src/directory/routing/route-delivery.ts'
import { tableInForce } from '../../src/directory/routing/table-in-force.ts'
import { DirectorySnapshot } from '../../src/directory/snapshot/snapshot.ts'
import { type UsableChannels, WITHOUT_CONNECTOR } from '../../src/domain/channel-id.ts'
import type { Fact, NewFact } from '../../src/domain/directory/fact.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { vietnamDay } from '../../src/domain/vietnam-time.ts'
import { referenceRoute } from './routing-reference/reference.ts'
import {
  CODES,
  someInstant,
  someRecipient,
  someRule,
  someSender,
  TYPES,
  worldFacts,
} from './routing-reference/world.ts'

/*
 * Routing once more, by another hand and from its description alone: facts of a day read one by one, rules from the top,
 * hours and days counted in Vietnam's clock as texts. Sizes, days and hours stand mostly on their borders.
 */
const PAIRS = Number(process.env.PAIRS ?? 4_000)
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)

/** Tables that take effect on days and at hours of their own, also two of them together. */
const someTables = (random: () => number): RoutingTable[] =>
  [
    '2020-01-01T00:00:00+07:00',
    '2025-07-01T00:00:00+07:00',
    '2025-07-01T00:00:00+07:00',
    '2025-07-02T12:00:00+07:00',
  ].map(
    (from, index): RoutingTable => ({
      revision: index + 1,
      rules: Array.from({ length: 1 + Math.floor(random() * 12) }, (_, place) => someRule(random, place)),
      effectiveFrom: new Date(from),
      createdAt: new Date(from),
      author: 'an',
      approvedBy: 'binh',
      draftId: null,
    }),
  )

/** Connectors to the gateways of these agencies, and none to the axis. */
const usableWith = (gateways: readonly string[]): UsableChannels => ({
  has: (channel, gateway) =>
    WITHOUT_CONNECTOR.has(channel) || (channel === 'gateway' && gateways.some((one) => one === gateway)),
})

const onRecord = (fact: NewFact, index: number): Fact => ({
  ...fact,
  id: index + 1,
  assertedIn: 1,
  retractedIn: null,
})

t.test(`routing agrees with its reference, seed ${SEED}`, async (t) => {
  const random = randomOf(SEED)
  const seen = { byRule: 0, byDefault: 0, inherited: 0, waiting: 0, fellBack: 0, border: 0 }
  const wrong: string[] = []
  for (let pairs = 0; pairs < PAIRS; ) {
    const facts: NewFact[] = worldFacts(random)
    const directory = DirectorySnapshot.of(1, facts.map(onRecord))
    const tables = someTables(random)
    for (let asked = 0; asked < 40; asked += 1, pairs += 1) {
      const now = someInstant(random)
      const day = vietnamDay(now)
      const recipient = directory.agency(someRecipient(random), day)
      if (recipient === undefined) continue
      const about = {
        sender: someSender(random),
        recipient,
        documentType: random() < 0.1 ? undefined : pick(random, TYPES),
        urgency: pick(random, [0, 1, 2, 3, 4] as const),
        bytes: pick(random, [0, 999, 1_000, 1_001, 2_000, 2_001]),
        day,
      }
      const usable = usableWith(random() < 0.5 ? CODES.slice(0, 4) : [])
      const found = routeDelivery({ directory, tables }, usable, about, now)
      const expected = referenceRoute({ facts, tables, usable }, about, now)
      const got = {
        channel: found.channel,
        fallback: found.route.fallback ?? [],
        rule: found.route.rule,
        table: found.route.revision,
        gateway: found.route.gateway ?? null,
        until: found.firstAttemptAt?.toISOString() ?? null,
      }
      const explained = explainRoute(compiledOf(tableInForce(tables, now)), directory, usable, about)
      const said = { channel: explained.route.channel, rule: explained.route.explanation.rule }
      if (
        JSON.stringify(got) !== JSON.stringify(expected) ||
        said.channel !== expected.channel ||
        said.rule !== expected.rule
      )
        wrong.push(JSON.stringify({ about, now, got, expected, said }))
      seen.byRule += got.rule.startsWith('default:') ? 0 : 1
      seen.byDefault += got.rule.startsWith('default:') ? 1 : 0
      seen.inherited += got.rule === 'default:inherited-endpoint' ? 1 : 0
      seen.waiting += got.until === null ? 0 : 1
      seen.fellBack += found.route.fellBackFrom === undefined ? 0 : 1
      seen.border += now.getTime() % 60_000 === 0 ? 1 : 0
    }
  }
  t.strictSame(wrong.slice(0, 3), [], `${wrong.length} of ${PAIRS} disagree`)
  for (const [what, count] of Object.entries(seen)) t.ok(count > PAIRS / 100, `${what}: ${count}`)
})

t.test('a kind of document is the same however its diacritics are written', async (t) => {
  const facts = worldFacts(randomOf(1))
  const directory = DirectorySnapshot.of(1, facts.map(onRecord))
  const now = new Date('2025-07-01T05:00:00Z')
  const tables = [
    {
      ...someTables(randomOf(1))[0]!,
      rules: [{ id: 'qd', documentType: 'Quyết định', channel: 'mailbox' as const }],
    },
  ]
  const about = {
    sender: CODES[0]!,
    recipient: directory.agency(agencyCode('H1'), '2025-07-01')!,
    documentType: 'Quyết định'.normalize('NFD'),
    urgency: 0 as const,
    bytes: 1,
    day: '2025-07-01',
  }
  t.equal(routeDelivery({ directory, tables }, WITHOUT_CONNECTOR, about, now).route.rule, 'qd')
})
