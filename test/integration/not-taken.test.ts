import { pino } from 'pino'
import t from 'tap'
import { listAttempts } from '../../src/db/attempts.ts'
import { findDelivery } from '../../src/db/deliveries.ts'
import { readGauges } from '../../src/db/gauges.ts'
import { findNextNotice, requeueForgotten } from '../../src/db/outbox.ts'
import { createPool } from '../../src/db/pool.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { DeliveryKey } from '../../src/domain/identifiers.ts'
import { createMetrics } from '../../src/http/health/metrics.ts'
import { deliverJob } from '../../src/worker/deliver-job.ts'
import { RecipientLines } from '../../src/worker/recipient-lines.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const SENDER = 'G90'
const gateway = await testGateway(t)
const { worker } = gateway
const { pool } = gateway.api
const never = new AbortController().signal

let serial = 0
async function accepted(to: string): Promise<DeliveryKey> {
  const documentId = `${SENDER},2026/11/20,${++serial}/BTN-VP`
  const packet = await documentPacket({ from: SENDER, to: [to], documentId })
  return (await gateway.submit(SENDER, packet)).claims.recipients[0]!.delivery
}

const found = async (key: DeliveryKey) => (await findDelivery(pool, key))!
const makeDue = (key: DeliveryKey) =>
  pool.query('update delivery set next_attempt_at = clock_timestamp() where id = $1', [key])

/** Has a delivery break the transaction that takes it. Answers how it is mended. */
async function breakTake(key: DeliveryKey): Promise<() => Promise<unknown>> {
  await pool.query(`
    create function refuse_attempt() returns trigger language plpgsql as $$ begin raise 'this row breaks'; end $$;
    create trigger refuse_attempt before insert on attempt for each row
      when (new.delivery_id = '${key}') execute function refuse_attempt()`)
  return () => pool.query('drop function refuse_attempt cascade')
}

/** One job of the queue, as a worker does it. Answers the lines of its log. */
async function job(key: DeliveryKey): Promise<{ level: number; msg: string }[]> {
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  await deliverJob(worker, new RecipientLines(4), log, key, { signal: never, ending: never })
  return lines.map((line) => JSON.parse(line))
}

/** Seconds until it is due. */
const delay = async (key: DeliveryKey): Promise<number> =>
  ((await found(key)).nextAttemptAt!.getTime() - Date.now()) / 1_000

const levels = pino().levels.values

t.test('one that breaks whoever takes it waits ever longer, and that is told', async (t) => {
  const key = await accepted('H90')
  const mend = await breakTake(key)
  const delays: number[] = []
  for (let failures = 1; failures <= 7; failures += 1) {
    await makeDue(key)
    const told = await job(key)
    t.match(told, [{ level: failures < 3 ? levels.warn : levels.error }], `${failures}`)
    const reason = { code: 'not-taken', explanation: { vi: String, en: String }, detail: { failures } }
    t.match(await found(key), { state: 'waiting', attempts: 0, leaseUntil: null, inboxNumber: null, reason })
    delays.push(Math.round((await delay(key)) / 5) * 5)
    t.equal((await readGauges(pool)).notTaken, failures < 3 ? 0 : 1)
  }
  t.strictSame(delays, [15, 30, 60, 120, 240, 300, 300])
  t.strictSame(await job(key), [], 'a job that comes early finds nothing to do')
  const { registry } = createMetrics(pool, (error) => t.error(error))
  t.match(await registry.metrics(), /^tram_deliveries_not_taken 1$/m)
  await mend()
  await makeDue(key)
  t.strictSame(await job(key), [])
  t.match(await found(key), { state: 'available', attempts: 1, reason: null })
  t.match(await listAttempts(pool, key), [{ state: 'succeeded' }])
  t.equal((await readGauges(pool)).notTaken, 0)
})

t.test('it takes no turn from others', async (t) => {
  const [broken, sound] = [await accepted('H91'), await accepted('H91')]
  await pool.query(`update delivery set channel = 'https-push', urgency = 4 where id = $1`, [broken])
  await pool.query(`update delivery set channel = 'https-push' where id = $1`, [sound])
  const mend = await breakTake(broken)
  t.equal(await findNextNotice(pool, sound), broken)
  await job(broken)
  t.equal(await findNextNotice(pool, sound), sound, 'nor the first place at its recipient')
  await pool.query(`update delivery set channel = 'mailbox', next_attempt_at = clock_timestamp(),
    enqueued_at = clock_timestamp() - interval '1 hour' where recipient_code = 'H91' and state = 'waiting'`)
  await pool.query('delete from outbox')
  await inTransaction(pool, (db) => requeueForgotten(db, 'province', { least: 0, most: 0 }, 10))
  const { rows } = await pool.query('select delivery_id as key, is_local as "isLocal" from outbox')
  t.strictSame(
    Object.fromEntries(rows.map(({ key, isLocal }) => [key, isLocal])),
    { [broken]: false, [sound]: true },
    'nor does it break those that go into inboxes together',
  )
  await mend()
})

t.test('a database that is away is no fault of the delivery', async (t) => {
  const key = await accepted('H90')
  const before = await found(key)
  const databaseUrl = 'postgres://nobody@127.0.0.1:1/nothing'
  const away = createPool({ databaseUrl, max: 1, applicationName: 'test', onError: () => undefined })
  t.teardown(() => away.end())
  await t.rejects(deliver({ ...worker, pool: away }, key, never), { code: 'database-unavailable' })
  t.strictSame(await found(key), before)
  t.equal(await deliver(worker, key, never), 'settled')
})

t.test('what cannot even be put off is told at once', async (t) => {
  const key = await accepted('H90')
  await pool.query(`
    create function refuse_update() returns trigger language plpgsql as $$ begin raise 'this row breaks'; end $$;
    create trigger refuse_update before update on delivery for each row
      when (new.id = '${key}') execute function refuse_update()`)
  t.match(await job(key), [{ level: levels.error }])
  await pool.query('drop function refuse_update cascade')
  t.strictSame(await job(key), [])
  t.match(await found(key), { state: 'available' })
})
