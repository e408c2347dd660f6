import fc from 'fast-check'
import t from 'tap'
import { pollRound } from '../../src/connector/poll-round.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { type FaultName, faultsOf } from '../fakes/fake-axis/faults.ts'
import { connectTo } from '../support/arrivals.ts'
import { testGateway } from '../support/gateway.ts'
import { Life, mortalPool } from '../support/life.ts'
import { documentPacket, statusPacket } from '../support/packets.ts'

const RUNS = Number(process.env.TRAM_TEST_RUNS ?? 12)
const [AWAY, HOME, COMMUNE] = ['G90', 'H90', 'H90.31'] as const
const gateway = await testGateway(t)
const { pool } = gateway.api
const axis = await FakeAxis.start(t)
const here = await connectTo(t, gateway, axis.url, [HOME], { timeoutMs: 300 })
const life = new Life()
const dependencies = {
  ...here.dependencies,
  intake: { ...here.dependencies.intake, pool: mortalPool(pool, life) },
}

/** A round in which these things go wrong, one after the other, and after so many messages the process dies. */
interface Round {
  readonly offers: readonly Offer[]
  readonly lists: readonly FaultName[]
  readonly fetches: readonly FaultName[]
  readonly tellings: readonly FaultName[]
  readonly death: number | undefined
}
/** A new document for one or two, the last one under another number, or a status on what was sent from here. */
type Offer = 'one' | 'two' | 'again' | 'status'

const someOf = (operation: string) => fc.array(fc.constantFrom(...faultsOf(operation)), { maxLength: 3 })
const round: fc.Arbitrary<Round> = fc.record({
  offers: fc.array(fc.constantFrom<Offer>('one', 'two', 'again', 'status'), { maxLength: 3 }),
  lists: someOf('getReceivedEdocList'),
  fetches: someOf('getEdoc'),
  tellings: someOf('updateStatus'),
  death: fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined }),
})

let serial = 0
const sent = { id: `${HOME},2026/11/20,1/RA` }
await gateway.submit(HOME, await documentPacket({ from: HOME, to: [AWAY], documentId: sent.id }))

/** Everything that the axis holds, as `<DocumentId> <recipient>`. */
async function offer(what: Offer, expected: Set<string>, last: { docId?: string }): Promise<void> {
  serial += 1
  if (what === 'again') {
    const known = last.docId === undefined ? undefined : axis.store.held.get(`${last.docId}-again`)
    if (last.docId !== undefined && known === undefined) axis.store.offerAgain(last.docId)
    return
  }
  if (what === 'status') {
    const timestamp = `2026/11/20 08:${String(Math.floor(serial / 60) % 60).padStart(2, '0')}:${String(serial % 60).padStart(2, '0')}`
    const facts = {
      from: AWAY,
      to: HOME,
      documentId: sent.id,
      code: '05',
      timestamp,
      description: `lần ${serial}`,
    }
    axis.offer(statusPacket(facts), AWAY, HOME, 'status')
    expected.add(`status lần ${serial}`)
    return
  }
  const to = what === 'two' ? [HOME, COMMUNE] : [HOME]
  const documentId = `${AWAY},2026/11/20,${serial}/VAO`
  const packet = await documentPacket({ from: AWAY, to, documentId })
  for (const one of to) {
    last.docId = axis.offer(packet, AWAY, one)
    expected.add(`${documentId} ${one}`)
  }
}

const letTimePass = async () => {
  await pool.query(`update axis_arrival set next_attempt_at = clock_timestamp() - interval '1 hour'`)
  await pool.query(`update axis_poll set polled_at = polled_at - interval '1 hour'`)
}

/** Every effect here, as often as it came about: `<DocumentId> <recipient>`, and statuses by their words. */
async function effects(): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select edxml_document_id || ' ' || recipient_code as name
      from document join delivery on delivery.document_id = document.id
      where document.kind = 'document' and document.sender_code = $1
      union all
      select 'status ' || (envelope->>'description') from document where kind = 'status'`,
    [AWAY],
  )
  return rows.map(({ name }) => name).sort()
}

const early: string[] = []
axis.onHeard = async (docId, status) => {
  const { rowCount } = await pool.query(
    `select from axis_arrival join document on document.id = document_id
      where remote_id = $1 and axis_arrival.state = 'accepted'`,
    [docId],
  )
  if (status !== 'done' || rowCount !== 1) early.push(`${docId} ${status}`)
}

const signal = new AbortController().signal
let deaths = 0

async function play(rounds: readonly Round[], expected: Set<string>): Promise<void> {
  const last: { docId?: string } = {}
  for (const { offers, lists, fetches, tellings, death } of rounds) {
    for (const one of offers) await offer(one, expected, last)
    axis.plan.clear()
    axis.plan.command('getReceivedEdocList', ...lists)
    axis.plan.command('getEdoc', ...fetches)
    axis.plan.command('updateStatus', ...tellings)
    await letTimePass()
    life.begin(death)
    await pollRound(dependencies, signal).catch((error: unknown) => {
      if (!life.isOver) throw error
      deaths += 1
    })
    life.begin()
  }
}

async function untilQuiet(): Promise<void> {
  axis.plan.clear()
  // Some forget for a while, and an answer may come too late where the machine is busy: in the end all is told.
  for (let rounds = 0; rounds < 40; rounds++) {
    await letTimePass()
    await pollRound(dependencies, signal)
    const { rowCount } = await pool.query('select from axis_arrival where not told')
    if (rowCount === 0 && axis.store.open.length === 0) return
  }
  throw new Error(`${axis.store.open.length} are never told: ${JSON.stringify(await here.arrivals())}`)
}

t.test('whatever goes wrong, and wherever the process dies, everything comes in once', async (t) => {
  const expected = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6 }), async (rounds) => {
      await play(rounds, expected)
      await untilQuiet()
      t.same(await effects(), [...expected].sort())
      t.same(early, [], 'done is told of what is taken in')
    }),
    // What one run has left lies there in the next: a smaller example would prove nothing.
    { numRuns: RUNS, endOnFailure: true },
  )
  t.ok(deaths > 0, 'some died')
  t.comment(`${expected.size} effects, ${deaths} deaths, ${axis.calls.length} requests`)
})
