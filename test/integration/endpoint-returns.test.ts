import t from 'tap'
import { loadConfig } from '../../src/config.ts'
import { pushPublicKey } from '../../src/context.ts'
import { takeOutbox } from '../../src/db/outbox.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { feedQueue } from '../../src/delivery/feed-queue.ts'
import { FakeAgency } from '../fakes/fake-agency.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { endpointFact, recordFacts } from '../support/record-facts.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const endpoint = await FakeAgency.start(t, {
  publicKey: pushPublicKey(loadConfig('worker', gateway.variables)),
})
await recordFacts(pool, [endpointFact('H90', endpoint.url)])

let serial = 0
async function sent(priority: 0 | 1 | 4): Promise<string> {
  serial += 1
  const documentId = `G90,2026/11/20,${serial}/BTN`
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId, priority })
  const { claims } = await gateway.submit('G90', packet)
  return claims.recipients[0]!.delivery
}

/** What the queue is told of, in the order in which it is. */
async function told(): Promise<string[]> {
  await feedQueue(pool, { waiting: async () => 0 })
  return inTransaction(pool, async (db) => (await takeOutbox(db, 500)).map(({ delivery }) => delivery))
}

t.test('an endpoint that was away is told of everything when it answers again', async (t) => {
  endpoint.behaviour = { kind: 'reset' }
  const [first, second, fast, third, urgent] = [
    await sent(0),
    await sent(0),
    await sent(4),
    await sent(0),
    await sent(1),
  ]
  t.equal(await gateway.deliverDue(), 5)
  await pool.query('delete from outbox')
  // The fourth attempt failed as well: they wait for one to two hours, each for its own time.
  await pool.query(
    `update delivery
        set attempts = 4, next_attempt_at = clock_timestamp() + (1 + random()) * interval '1 hour'
      where state = 'waiting'`,
  )
  t.strictSame(await told(), [], 'nothing is due')

  endpoint.behaviour = { kind: 'answer', status: 204 }
  const next = await sent(0)
  await pool.query('delete from outbox')
  t.equal(await gateway.deliverDue(), 1, 'a new document gets through')
  t.strictSame(await told(), [fast, urgent, first, second, third], 'by urgency, then as they were accepted')
  t.equal(await gateway.deliverDue(), 5)
  const { rows } = await pool.query('select distinct state from delivery')
  t.strictSame(rows, [{ state: 'available' }])
  for (const key of [first, second, third, fast, urgent, next])
    t.equal(endpoint.noticesOf(key).length, key === next ? 1 : 2, 'told once after it was back')
})

t.test('what an endpoint asked to wait for stays put off while it goes on failing', async (t) => {
  endpoint.behaviour = { kind: 'answer', status: 503 }
  await sent(0)
  await gateway.deliverDue()
  await pool.query('delete from outbox')
  t.strictSame(await told(), [])
})
