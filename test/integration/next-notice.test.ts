import t from 'tap'
import { loadConfig } from '../../src/config.ts'
import { createLog, pushPublicKey } from '../../src/context.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { type DeliveryKey, deliveryKey } from '../../src/domain/identifiers.ts'
import { deliverJob } from '../../src/worker/deliver-job.ts'
import { RecipientLines } from '../../src/worker/recipient-lines.ts'
import { FakeAgency } from '../fakes/fake-agency.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { endpointFact, recordFacts } from '../support/record-facts.ts'

// A job names a delivery and brings a place; whom the place serves is decided when it is there.

const gateway = await testGateway(t)
const { pool } = gateway.api
const log = createLog(gateway.api.config)
const publicKey = pushPublicKey(loadConfig('worker', gateway.variables))
const endpoint = await FakeAgency.start(t, { publicKey })
await recordFacts(pool, [endpointFact('H90', endpoint.url)])

let serial = 0
async function sent(priority: 0 | 1 | 4): Promise<DeliveryKey> {
  serial += 1
  const documentId = `G90,2026/11/20,${serial}/BTN`
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId, priority })
  const { claims } = await gateway.submit('G90', packet)
  return deliveryKey(claims.recipients[0]!.delivery)
}

const NEVER = new AbortController().signal
const job = (lines: RecipientLines, key: DeliveryKey, ending = NEVER) =>
  deliverJob(gateway.worker, lines, log, key, { signal: NEVER, ending })
const told = (from: number) => endpoint.notices.slice(from).map(({ id }) => id)

t.test('the most urgent is told of first, whichever job brings the place', async (t) => {
  const from = endpoint.notices.length
  const [first, second, fast, urgent, last] = [
    await sent(0),
    await sent(0),
    await sent(4),
    await sent(1),
    await sent(0),
  ]
  // One place may do for all, as long as he answers quickly.
  for (const key of [last, second, urgent, first, fast]) await job(new RecipientLines(1), key)
  // Where he answers slowly a place is given back, with the last not told yet.
  await job(new RecipientLines(1), last)
  t.strictSame(told(from), [fast, urgent, first, second, last])
})

t.test('one that nobody can take keeps none of the others', async (t) => {
  const from = endpoint.notices.length
  const [rotten, one, other] = [await sent(4), await sent(0), await sent(0)]
  await pool.query(`create function rotten() returns trigger language plpgsql as
      $$ begin raise 'missing chunk number 0 for toast value' using errcode = 'XX001'; end $$;
    create trigger rotten before update on delivery for each row when (new.id = '${rotten}') execute function rotten()`)
  t.teardown(() => pool.query('drop trigger rotten on delivery'))
  for (const key of [one, other, rotten, other]) await job(new RecipientLines(1), key)
  t.strictSame(told(from), [one, other])
})

t.test('nobody waits for one that is locked', async (t) => {
  const from = endpoint.notices.length
  const [locked, free] = [await sent(4), await sent(0)]
  await pool.query(
    "update delivery set state = 'failed', next_attempt_at = null where state = 'waiting' and id <> all ($1)",
    [[locked, free]],
  )
  await inTransaction(pool, async (db) => {
    await db.query('select from delivery where id = $1 for update', [locked])
    await job(new RecipientLines(1), free)
    t.strictSame(told(from), [free])
  })
  await job(new RecipientLines(1), locked)
  t.strictSame(told(from), [free, locked])
})

t.test('a worker that is told to stop begins no further notice', async (t) => {
  const from = endpoint.notices.length
  const [one, other] = [await sent(0), await sent(0)]
  await job(new RecipientLines(1), one, AbortSignal.abort())
  t.strictSame(told(from), [one])
  await job(new RecipientLines(1), other)
  t.strictSame(told(from), [one, other])
})

t.test('a job whose delivery gave way stands in line for it', async (t) => {
  endpoint.behaviour = { kind: 'slow', ms: 600 }
  const lines = new RecipientLines(1)
  const [slow, fast] = [await sent(0), await sent(4)]
  await job(lines, slow)
  t.strictSame(lines.next(), [slow])
  t.ok((await endpoint.noticesOf(fast)).length === 1)
})
