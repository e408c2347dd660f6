import t from 'tap'
import { listAttempts } from '../../src/db/attempts.ts'
import { listDocumentEvents } from '../../src/db/audit-events.ts'
import { findDelivery, withdrawDeliveries } from '../../src/db/deliveries.ts'
import { settleLease, takeLease } from '../../src/db/leases.ts'
import { takeOutbox } from '../../src/db/outbox.ts'
import { createPool } from '../../src/db/pool.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { deliverLocally } from '../../src/delivery/deliver-locally.ts'
import type { DeliveryKey } from '../../src/domain/identifiers.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const SENDER = 'G90'
const TIERS = ['central', 'province', 'district', 'commune']
const gateway = await testGateway(t)
const { pool } = gateway.api
const woken: string[] = []
const worker = {
  ...gateway.worker,
  worker: 'worker:test',
  wakeInbox: (agency: string) => void woken.push(agency),
}
const never = new AbortController().signal

let serial = 0
async function accepted(to: readonly string[], priority = 0): Promise<DeliveryKey[]> {
  const documentId = `${SENDER},2026/11/20,${++serial}/BTN-VP`
  const { claims } = await gateway.submit(
    SENDER,
    await documentPacket({ from: SENDER, to, documentId, priority }),
  )
  return claims.recipients.map(({ delivery }) => delivery)
}

const found = async (key: DeliveryKey) => (await findDelivery(pool, key))!
const outbox = () => deliverLocally(worker, 'outbox', TIERS)
const toQueue = () =>
  inTransaction(pool, async (db) => (await takeOutbox(db, 100)).map(({ delivery }) => delivery))
const makeUntold = async (key: DeliveryKey) => {
  await pool.query('delete from outbox where delivery_id = $1', [key])
  await pool.query('update delivery set enqueued_at = null where id = $1', [key])
}

/** Every number of every inbox is there once, and none is left out. */
const NUMBERS = `select agency_code from inbox
  left join delivery on recipient_code = agency_code and inbox_number is not null
  group by agency_code, last_number
  having count(*) <> last_number or max(inbox_number) <> last_number or count(distinct inbox_number) <> last_number`

t.afterEach(async () => {
  await deliverLocally(worker, 'outbox', TIERS)
  await pool.query('delete from outbox')
})

t.test('what was accepted lies in its inboxes, numbered, attempted and on record', async (t) => {
  const [first] = await accepted(['H90'])
  const [urgent, other] = await accepted(['H90', 'H91'], 4)
  woken.length = 0
  t.same(await outbox(), { delivered: 3, toTell: false })
  t.same(new Set(woken), new Set(['H90', 'H91']))
  const done = {
    state: 'available',
    attempts: 1,
    leaseEpoch: 1,
    leaseUntil: null,
    nextAttemptAt: null,
    reason: null,
  }
  t.match(await found(urgent!), { ...done, inboxNumber: 1 }, 'the most urgent first')
  t.match(await found(first!), { ...done, inboxNumber: 2 })
  t.match(await found(other!), { ...done, inboxNumber: 1 })
  t.match(await listAttempts(pool, first!), [
    {
      epoch: 1,
      channel: 'mailbox',
      worker: 'worker:test',
      state: 'succeeded',
      detail: null,
      finishedAt: Date,
    },
  ])
  const events = await listDocumentEvents(pool, (await found(first!)).document, first!)
  const about = { kind: 'delivery-available', actor: 'worker:test', agency: 'H90', delivery: first }
  const [event] = events.filter(({ kind }) => kind === 'delivery-available')
  t.match(event, { ...about, detail: { attempt: 1, channel: 'mailbox', result: null } })
  t.match(event?.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, 'version 7')
  t.ok(
    Math.abs(Number.parseInt(event!.id.replaceAll('-', '').slice(0, 12), 16) - event!.at.getTime()) < 1_000,
  )
  t.equal((await pool.query('select from outbox')).rowCount, 0)
  t.same(await outbox(), { delivered: 0, toTell: false }, 'once')
  t.equal(await deliver(worker, first!, never), 'nothing-to-do')
})

t.test('several processes at once: everything once, and no number is left out', async (t) => {
  const before = (await pool.query<{ n: number }>('select count(*) as n from attempt')).rows[0]!.n
  const keys: DeliveryKey[] = []
  for (let round = 0; round < 40; round += 1)
    keys.push(...(await accepted(['H90', 'H91', 'H90.31', 'H90.32'])))
  const untold = keys.filter((_, index) => index % 3 === 0)
  for (const key of untold) await makeUntold(key)
  const twice =
    'insert into outbox (delivery_id, epoch, tier, urgency, is_local) select delivery_id, epoch, tier, urgency, true from outbox'
  await pool.query(twice)
  const consumer = async () => {
    for (const key of keys.filter((_, index) => index % 7 === 0)) await deliver(worker, key, never)
  }
  const sources = ['outbox', 'due', 'outbox', 'due', 'outbox'] as const
  await Promise.all([...sources.map((source) => deliverLocally(worker, source, TIERS)), consumer()])
  for (let told = await toQueue(); told.length > 0; told = await toQueue())
    for (const key of told) await deliver(worker, key, never)
  await deliverLocally(worker, 'due', TIERS)
  const states = new Set(await Promise.all(keys.map(async (key) => (await found(key)).state)))
  t.same(states, new Set(['available']))
  const after = (await pool.query<{ n: number }>('select count(*) as n from attempt')).rows[0]!.n
  t.equal(after - before, keys.length, 'each was attempted once')
  t.same((await pool.query(NUMBERS)).rows, [])
})

t.test('what cannot be delivered just now is left to a worker', async (t) => {
  const [locked] = await accepted(['H90'])
  const [paused] = await accepted(['H91'])
  const [taken] = await accepted(['H90.31'])
  const [withdrawn] = await accepted(['H90.32'])
  await pool.query("insert into recipient_pause (agency_code, paused_by) values ('H91', 'test')")
  await inTransaction(pool, (db) => takeLease(db, taken!, 60))
  await inTransaction(pool, (db) => withdrawDeliveries(db, [withdrawn!], { code: 'test' }))
  await inTransaction(pool, async (db) => {
    await db.query('select from delivery where id = $1 for update', [locked])
    t.same(await outbox(), { delivered: 0, toTell: true }, 'nobody is waited for')
  })
  t.same(new Set(await toQueue()), new Set([locked, paused, taken, withdrawn]))
  t.equal(await deliver(worker, locked!, never), 'settled')
  t.equal(await deliver(worker, paused!, never), 'nothing-to-do')
  t.match(await found(withdrawn!), { state: 'withdrawn', inboxNumber: null })
  await pool.query('delete from recipient_pause')
})

t.test('one that breaks the statement holds up no others', async (t) => {
  const [sound] = await accepted(['H90'])
  const [broken] = await accepted(['H91'])
  const { rows } = await pool.query<{ last_number: number }>(
    `select last_number from inbox where agency_code = 'H91'`,
  )
  await pool.query(`update inbox set last_number = 0 where agency_code = 'H91'`)
  await t.rejects(outbox(), { code: '23505' })
  t.same(new Set(await toQueue()), new Set([sound, broken]))
  t.equal(await deliver(worker, sound!, never), 'settled')
  t.match(await found(broken!), { state: 'waiting', inboxNumber: null })
  await pool.query(`update inbox set last_number = $1 where agency_code = 'H91'`, [rows[0]!.last_number])
  t.equal(await deliver(worker, broken!, never), 'settled')
})

t.test('quiet hours are asked for by a worker', async (t) => {
  const [key] = await accepted(['H90'])
  await pool.query(
    `update delivery set route = route || '{"quietHours": {"from": "00:00", "to": "23:59", "passedFrom": 4}}'
    where id = $1`,
    [key],
  )
  t.same(await outbox(), { delivered: 0, toTell: true })
  await makeUntold(key!)
  t.match(await deliverLocally(worker, 'due', TIERS), { delivered: 0 })
})

t.test('whoever held it before is fenced off', async (t) => {
  const [key] = await accepted(['H90'])
  const late = (await inTransaction(pool, (db) => takeLease(db, key!, 60)))!
  await pool.query('update delivery set lease_until = null where id = $1', [key])
  t.match(await outbox(), { delivered: 1 })
  const failed = { state: 'failed', retryAfter: null, reason: null, counts: true } as const
  t.equal(await inTransaction(pool, (db) => settleLease(db, key!, late.leaseEpoch, failed)), false)
  t.match(await found(key!), { state: 'available' })
})

t.test('what a dead worker left is taken by a worker, who counts that', async (t) => {
  const [key] = await accepted(['H90'])
  await inTransaction(pool, (db) => takeLease(db, key!, 0))
  await makeUntold(key!)
  t.match(await deliverLocally(worker, 'due', TIERS), { delivered: 0 })
  t.equal(await deliver(worker, key!, never), 'settled')
  t.match(await listAttempts(pool, key!), [{ epoch: 2, state: 'succeeded' }])
})

t.test('only for the tiers that a process serves', async (t) => {
  const [province, commune] = [(await accepted(['H90']))[0]!, (await accepted(['H90.31']))[0]!]
  t.match(await deliverLocally(worker, 'outbox', ['commune']), { delivered: 1 })
  t.match(await found(commune), { state: 'available' })
  t.match(await found(province), { state: 'waiting' })
})

t.test('more than one batch goes, each tier in its turn', async (t) => {
  const [key] = await accepted(['H90.31'])
  const { document } = await found(key!)
  await pool.query(`insert into agency (code) select 'H90.' || n from generate_series(10001, 10350) as n`)
  await pool.query(
    `insert into delivery (id, document_id, kind, recipient_code, tier, urgency, channel, route, next_attempt_at)
      select gen_random_uuid(), $1, 'document', 'H90.' || n, 'commune', 0, 'mailbox', '{}', clock_timestamp()
      from generate_series(10001, 10350) as n`,
    [document],
  )
  const rests: number[] = []
  const ending = new AbortController()
  const rest = async (ms: number) => {
    rests.push(ms)
    if (rests.length === 2) ending.abort()
  }
  t.match(
    await deliverLocally(worker, 'due', TIERS, { rest, ending: ending.signal }),
    { delivered: 150 },
    'no batch is begun once the process ends',
  )
  t.match(await deliverLocally(worker, 'due', TIERS, { rest }), { delivered: 200 })
  t.equal(rests.length, 2 + 4, 'after each whole batch')
  t.ok(
    rests.every((ms) => ms > 0),
    'as long as a batch took',
  )
  t.same((await pool.query(NUMBERS)).rows, [])
})

t.test('a number that a reader may see is durable, whatever the server is set to', async (t) => {
  const url = new URL(gateway.api.config.databaseUrl)
  url.searchParams.set('options', '-c synchronous_commit=off')
  const hasty = createPool({
    databaseUrl: url.href,
    max: 1,
    applicationName: 'test',
    onError: () => undefined,
  })
  t.teardown(() => hasty.end())
  await pool.query('create table commits (setting text)')
  // A deferred trigger runs at the very end, when the server is about to decide how the commit is made.
  await pool.query(`create function note_commit() returns trigger language plpgsql as $$ begin
      insert into commits values (current_setting('synchronous_commit')); return null; end $$`)
  await pool.query(`create constraint trigger note after insert on attempt deferrable initially deferred
    for each row execute function note_commit()`)
  await accepted(['H90'])
  t.match(await deliverLocally({ ...worker, pool: hasty }, 'outbox', TIERS), { delivered: 1 })
  t.same((await pool.query('select setting from commits')).rows, [{ setting: 'on' }])
  const { rows } = await hasty.query('show synchronous_commit')
  t.same(rows, [{ synchronous_commit: 'off' }], 'and the connection is as fast as before')
})
