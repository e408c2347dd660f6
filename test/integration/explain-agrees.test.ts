import t from 'tap'
import { pick, randomOf } from '../../scripts/bench/routing/random.ts'
import type { Pool } from '../../src/db/pool.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { ExplainParts } from '../../src/directory/explain/question.ts'
import { readParts } from '../../src/directory/explain/read-parts.ts'
import type { DirectorySnapshot } from '../../src/directory/snapshot/snapshot.ts'
import { type AgencyCode, deliveryKey } from '../../src/domain/identifiers.ts'
import type { Urgency } from '../../src/domain/urgency.ts'
import { vietnamDay } from '../../src/domain/vietnam-time.ts'
import { channelsOf } from '../fakes/channels.ts'
import { type TestGateway, testGateway } from '../support/gateway.ts'
import { CODES, endpoint, GROUPS, randomFacts, randomTable, STEADY, TYPES } from '../support/random-world.ts'
import { recordFacts } from '../support/record-facts.ts'
import { recordTable } from '../support/record-table.ts'
import { disagreement } from './explain-agrees/disagreement.ts'
import { withOtherHeir, withRuleMoved } from './explain-agrees/mutants.ts'
import { type Outcome, tryDocument } from './explain-agrees/outcome.ts'

/*
 * What explanations say is what acceptance and the workers do: ten thousand random pairs of a sender and a spelling, at
 * random times of half a year, through the whole intake with nothing but its clock moved.
 */
const PAIRS = 10_000
const ATTEMPTS = 600
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const random = randomOf(SEED)

t.test(`explanations agree with what happens, seed ${SEED}`, { timeout: 300_000 }, async (t) => {
  const gateway = await testGateway(t)
  const { pool, registry } = gateway.api
  const today = vietnamDay(new Date())
  await recordFacts(pool, randomFacts(random, today))
  await pool.query(
    `insert into client (client_id, role, agency_code, name)
      select 'dms-' || code, 'agency', code, code from agency on conflict do nothing`,
  )
  for (const days of [0, 30, 90, 150])
    await recordTable(
      pool,
      randomTable(random, today, 80),
      days === 0 ? null : new Date(Date.now() + days * 86_400_000),
    )
  const begun = Date.now() + 1_000
  const outcomes: Outcome[] = []
  let revision = (await registry.upToDate(pool)).directory.revision
  for (let documents = 0; outcomes.length < PAIRS; documents += 1) {
    // What is decided before a change is explained with the directory as it was known then.
    if (documents % 60 === 59)
      revision = await recordFacts(pool, [endpoint(random, today, unsaid(gateway, today))])
    const about = {
      sender: pick(random, random() < 0.93 ? STEADY : CODES),
      documentType: pick(random, TYPES),
      urgency: pick<Urgency>(random, [0, 0, 1, 2, 3]),
      at: new Date(begun + Math.floor(random() * 180 * 86_400) * 1_000),
      directoryRevision: revision,
    }
    outcomes.push(...(await tryDocument(gateway, about, someNames())))
  }

  const present = (await registry.upToDate(pool)).directory
  const partsOf = cachedParts(pool, present)
  const wrong: string[] = []
  const counts = { delivered: 0, byHops: 0, byGroup: 0, refused: 0, waiting: 0, byRule: 0, fellBack: 0 }
  for (const outcome of outcomes) {
    const found = disagreement(await partsOf(outcome), outcome)
    if (found !== undefined) wrong.push(`${JSON.stringify({ ...outcome, deliveries: undefined })}: ${found}`)
    const [first] = outcome.deliveries
    const names = outcome.deliveries.flatMap(({ route }) => route.addressed)
    if (outcome.refusal !== null) counts.refused += 1
    else counts.delivered += outcome.deliveries.length
    if (names.some(({ hops }) => hops.length > 0)) counts.byHops += 1
    if (names.some(({ group }) => group !== undefined)) counts.byGroup += 1
    if (first?.nextAttemptAt && first.nextAttemptAt.getTime() > Date.now() + 60_000) counts.waiting += 1
    if (first !== undefined && !first.route.rule.startsWith('default:')) counts.byRule += 1
    if (first?.route.fellBackFrom !== undefined) counts.fellBack += 1
  }
  t.comment(`${outcomes.length} pairs: ${JSON.stringify(counts)}`)
  t.strictSame(wrong.slice(0, 5), [], `${wrong.length} of ${outcomes.length} pairs disagree`)
  for (const [what, count] of Object.entries(counts)) t.ok(count > 50, `${what}: ${count}`)

  await t.test('the worker goes the way that was explained', async (t) => {
    const used = await attempts(gateway, outcomes)
    t.ok(used.length > ATTEMPTS / 2, `${used.length} attempts`)
    t.strictSame(
      used.filter(({ channel, explained }) => channel !== explained),
      [],
    )
  })

  await t.test(
    'the comparison sees a rule in another place, another heir, and a row that was tampered with',
    async (t) => {
      t.ok(
        (await count(outcomes, async (one) => withRuleMoved(await partsOf(one)))) > 0,
        'a rule in another place',
      )
      const otherwise = withOtherHeir(outcomes)
      t.ok((await count(outcomes, async (one) => otherwise(await partsOf(one)))) > 0, 'another heir')
      const tampered = outcomes.map((one) => ({
        ...one,
        deliveries: one.deliveries.map((row) => ({ ...row, recipient: 'G90' })),
      }))
      t.ok((await count(tampered, partsOf)) > 0, 'another recipient')
    },
  )
})

/** Names of different codes: codes of agencies open and closed, aliases, groups, and codes that nobody has. */
function someNames(): string[] {
  const codes = new Set<string>()
  const wanted = 8 + Math.floor(random() * 50)
  while (codes.size < wanted) codes.add(pick(random, CODES))
  if (random() < 0.3) codes.add(pick(random, GROUPS))
  if (random() < 0.1) codes.add(`KHONG-${Math.floor(random() * 9)}`)
  return [...codes].map((code) => (random() < 0.2 ? `000.00.${code}` : code))
}

/** An agency of which no endpoint is on record yet: facts of one kind must not overlap. */
function unsaid(gateway: TestGateway, day: string): AgencyCode {
  const { directory } = gateway.api.registry.current()
  const free = CODES.filter(
    (code) => directory.isOpen(code, day) && directory.factsOfKind(code, 'endpoint').length === 0,
  )
  return pick(random, free)
}

/** The parts of an explanation as they were when something was decided; read once for each document. */
function cachedParts(pool: Pool, present: DirectorySnapshot) {
  const snapshots = new Map<number, DirectorySnapshot>()
  const known = new Map<string, ExplainParts>()
  return async ({ sender, at, directoryRevision }: Outcome): Promise<ExplainParts> => {
    const key = `${sender} ${at.getTime()} ${directoryRevision}`
    const before = known.get(key)
    if (before !== undefined) return before
    const directory = snapshots.get(directoryRevision) ?? present
    const parts = await readParts(pool, directory, { sender, at, directoryRevision })
    snapshots.set(directoryRevision, parts.directory)
    known.set(key, parts)
    return parts
  }
}

async function count(
  outcomes: readonly Outcome[],
  partsOf: (outcome: Outcome) => Promise<ExplainParts>,
): Promise<number> {
  let differing = 0
  for (const outcome of outcomes.slice(0, 3_000))
    if (disagreement(await partsOf(outcome), outcome) !== undefined) differing += 1
  return differing
}

/** Lets the worker make its attempts at some that are due, and tells the channels that it used. */
async function attempts(gateway: TestGateway, outcomes: readonly Outcome[]) {
  const { pool } = gateway.api
  const sent = { send: async () => ({ outcome: 'available' as const, detail: {} }) }
  const worker = { ...gateway.worker, channels: channelsOf(sent) }
  const due = outcomes
    .flatMap(({ deliveries }) => deliveries)
    .filter(({ nextAttemptAt }) => nextAttemptAt !== null && nextAttemptAt.getTime() < Date.now())
    .slice(0, ATTEMPTS)
  const explained = new Map(due.map(({ id, channel }) => [id, channel]))
  for (const id of explained.keys()) await deliver(worker, deliveryKey(id), new AbortController().signal)
  const { rows } = await pool.query<{ id: string; channel: string }>(
    'select delivery_id as id, channel from attempt where delivery_id = any ($1)',
    [[...explained.keys()]],
  )
  return rows.map(({ id, channel }) => ({ channel, explained: explained.get(id) }))
}
