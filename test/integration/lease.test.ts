import t from 'tap'
import { listAttempts, openAttempts } from '../../src/db/attempts.ts'
import { listDocumentEvents } from '../../src/db/audit-events.ts'
import { findDelivery, listDeliveries, withdrawDeliveries } from '../../src/db/deliveries.ts'
import { numberInInbox, renewLease, settleLease, takeLease } from '../../src/db/leases.ts'
import { othersInHandUntil } from '../../src/db/suspects.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { retryDelivery } from '../../src/delivery/administer.ts'
import type { SingleChannel } from '../../src/delivery/channels/channel.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { RETRY_SCHEDULE } from '../../src/delivery/retry-policy.ts'
import { standsAside } from '../../src/delivery/suspects.ts'
import { agencyCode, type DeliveryKey } from '../../src/domain/identifiers.ts'
import { handOver } from '../../src/receipts/hand-over.ts'
import { channelsOf } from '../fakes/channels.ts'
import { channelThat, FAILURE, GatedChannel, RETRY, RecordingChannel, SENT } from '../fakes/gated-channel.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { waitFor } from '../support/wait-for.ts'

const SENDER = 'G90'
const RECIPIENT = 'H90'
const gateway = await testGateway(t)
const { pool } = gateway.api
const never = new AbortController().signal

let serial = 0

async function accepted(): Promise<DeliveryKey> {
  const documentId = `${SENDER},2026/11/20,${++serial}/BTN-VP`
  const packet = await documentPacket({ from: SENDER, to: [RECIPIENT], documentId })
  const { claims } = await gateway.submit(SENDER, packet)
  return (await listDeliveries(pool, claims.document))[0]!.key
}

const workerWith = (channel: SingleChannel, name = 'worker:test', leaseSeconds = 60) => ({
  ...gateway.worker,
  worker: name,
  leaseSeconds,
  channels: channelsOf(channel),
})

const attemptsOf = async (key: DeliveryKey) =>
  (await listAttempts(pool, key)).map(({ epoch, worker, state }) => [epoch, worker, state])

const endLease = (key: DeliveryKey) =>
  pool.query('update delivery set lease_until = clock_timestamp() where id = $1', [key])

const makeDue = (key: DeliveryKey) =>
  pool.query('update delivery set next_attempt_at = clock_timestamp() where id = $1', [key])

/** Seconds until the next attempt, by the database's clock. */
async function wait(key: DeliveryKey): Promise<number> {
  const { rows } = await pool.query<{ wait: number }>(
    'select extract(epoch from next_attempt_at - clock_timestamp())::float8 as wait from delivery where id = $1',
    [key],
  )
  return rows[0]!.wait
}

/** A worker takes the delivery, opens its attempt, and is never seen again. */
async function die(key: DeliveryKey): Promise<void> {
  await inTx(async (db) => {
    const taken = await takeLease(db, key, 60)
    const { leaseEpoch: epoch, channel } = await numberInInbox(db, taken!)
    await openAttempts(db, [{ delivery: key, epoch, channel, worker: 'dead' }])
  })
  await endLease(key)
}

const inTx = <T>(work: Parameters<typeof inTransaction<T>>[1]) => inTransaction(pool, work)
const settlement = { state: 'available', retryAfter: null, reason: null, counts: true } as const

t.test('of many workers at one delivery, one sends', async (t) => {
  const key = await accepted()
  const channel = new GatedChannel()
  const all = Array.from({ length: 10 }, (_, index) => deliver(workerWith(channel, `w${index}`), key, never))
  const send = await channel.begun(0)
  const others = await Promise.all([...all.keys()].map((index) => Promise.race([all[index], 'sending'])))
  send.finish(SENT)
  const outcomes = await Promise.all(all)
  t.equal(outcomes.filter((outcome) => outcome === 'settled').length, 1)
  t.equal(outcomes.filter((outcome) => outcome === 'nothing-to-do').length, 9)
  t.ok(others.includes('sending'))
  t.equal(channel.sends.length, 1)
  t.equal((await attemptsOf(key)).length, 1)
  t.match(await findDelivery(pool, key), {
    state: 'available',
    attempts: 1,
    leaseEpoch: 1,
    inboxNumber: Number,
  })
})

t.test('a worker whose lease ran out and was taken changes nothing when it comes back', async (t) => {
  const key = await accepted()
  const channel = new GatedChannel()
  const slow = deliver(workerWith(channel, 'slow'), key, never)
  const first = await channel.begun(0)
  t.equal(await deliver(workerWith(channelThat(SENT)), key, never), 'nothing-to-do', 'while the lease holds')
  await endLease(key)
  const quick = deliver(workerWith(channel, 'quick'), key, never)
  const second = await channel.begun(1)
  t.equal(first.consignment.delivery.leaseEpoch, 1)
  t.equal(second.consignment.delivery.leaseEpoch, 2)
  t.equal(second.consignment.delivery.inboxNumber, first.consignment.delivery.inboxNumber, 'one number')
  first.finish({ outcome: 'refused', failure: FAILURE })
  t.equal(await slow, 'superseded')
  t.match(await findDelivery(pool, key), { state: 'waiting', reason: null }, 'its refusal is not heard')
  second.finish(SENT)
  t.equal(await quick, 'settled')
  t.match(await findDelivery(pool, key), { state: 'available', attempts: 1 })
  t.same(await attemptsOf(key), [
    [1, 'slow', 'abandoned'],
    [2, 'quick', 'succeeded'],
  ])
  const events = await listDocumentEvents(pool, first.consignment.delivery.document, key)
  t.same(
    events.filter(({ actor }) => actor === 'slow'),
    [],
    'nothing on record in its name',
  )
})

t.test('every write under a lease asks for its epoch', async (t) => {
  const key = await accepted()
  const { leaseEpoch: old } = (await inTx((db) => takeLease(db, key, 60)))!
  t.equal(await inTx((db) => takeLease(db, key, 60)), null)
  await endLease(key)
  const { leaseEpoch } = (await inTx((db) => takeLease(db, key, 60)))!
  t.equal(leaseEpoch, old + 1)
  t.equal(await renewLease(pool, key, old, 60), false)
  t.equal(await inTx((db) => settleLease(db, key, old, settlement)), false)
  t.equal(await renewLease(pool, key, leaseEpoch, 60), true)
  const later = { ...settlement, state: 'waiting', retryAfter: 30 } as const
  t.equal(await inTx((db) => settleLease(db, key, leaseEpoch, later)), true)
  t.equal(await renewLease(pool, key, leaseEpoch, 600), false, 'a renewal that comes after the settlement')
  t.equal(await inTx((db) => settleLease(db, key, leaseEpoch, settlement)), false, 'a second settlement')
  t.match(await findDelivery(pool, key), { state: 'waiting' })
})

t.test('a lease is renewed while its holder sends', async (t) => {
  const key = await accepted()
  const channel = new GatedChannel()
  const sending = deliver(workerWith(channel, 'slow', 3), key, never)
  const send = await channel.begun(0)
  const leaseUntil = async () =>
    (await pool.query<{ until: Date }>('select lease_until as until from delivery where id = $1', [key]))
      .rows[0]!.until
  const first = await leaseUntil()
  await waitFor(async () => (await leaseUntil()).getTime() > first.getTime() + 3_000)
  t.equal(await deliver(workerWith(channelThat(SENT), 'other'), key, never), 'nothing-to-do')
  send.finish(SENT)
  t.equal(await sending, 'settled')
  t.same(await attemptsOf(key), [[1, 'slow', 'succeeded']])
})

t.test('who loses the lease breaks off', async (t) => {
  const key = await accepted()
  const channel = new GatedChannel()
  const sending = deliver(workerWith(channel, 'slow', 3), key, never)
  const { signal } = await channel.begun(0)
  await pool.query('update delivery set lease_epoch = lease_epoch + 1 where id = $1', [key])
  t.equal(await sending, 'superseded')
  t.ok(signal.aborted)
  t.same(await attemptsOf(key), [[1, 'slow', 'superseded']])
})

t.test('retries follow the schedule until attempts are exhausted', async (t) => {
  const key = await accepted()
  const worker = workerWith(channelThat(RETRY))
  for (const seconds of RETRY_SCHEDULE) {
    t.equal(await deliver(worker, key, never), 'settled')
    const waits = await wait(key)
    t.ok(waits > seconds - 5 && waits <= seconds * 1.2, `${seconds} s`)
    t.equal(await deliver(worker, key, never), 'nothing-to-do', 'not before its time')
    await makeDue(key)
  }
  t.equal(await deliver(worker, key, never), 'settled')
  const failed = await findDelivery(pool, key)
  t.match(failed, { state: 'failed', attempts: 10, reason: { code: FAILURE.code, exhausted: true } })
  t.equal(failed?.nextAttemptAt, null)
  t.equal(await deliver(worker, key, never), 'nothing-to-do')
  t.same(
    (await attemptsOf(key)).map(([epoch, , state]) => [epoch, state]),
    Array.from({ length: 10 }, (_, index) => [index + 1, 'retryable-failure']),
  )
  const events = await listDocumentEvents(pool, failed!.document, key)
  const kinds = events.map(({ kind }) => kind).filter((kind) => kind.startsWith('delivery-'))
  t.same(kinds, [...Array.from({ length: 9 }, () => 'delivery-attempt-failed'), 'delivery-failed'])
  await handOver(pool, {
    caller: callerOf(RECIPIENT),
    agency: agencyCode(RECIPIENT),
    delivery: key,
    claimToken: null,
  })
  t.match(await findDelivery(pool, key), { state: 'handed-over' }, 'it can still be fetched')
})

t.test(
  'what the recipient asks for is heeded; a refusal is final; a channel that throws is a failure',
  async (t) => {
    const patient = await accepted()
    await deliver(workerWith(channelThat({ ...RETRY, retryAfter: 900 })), patient, never)
    t.ok(Math.abs((await wait(patient)) - 900) < 10)
    const greedy = await accepted()
    await deliver(workerWith(channelThat({ ...RETRY, retryAfter: 1e9 })), greedy, never)
    t.ok((await wait(greedy)) <= 86_400, 'but not for ever')
    const refused = await accepted()
    await deliver(workerWith(channelThat({ outcome: 'refused', failure: FAILURE })), refused, never)
    t.match(await findDelivery(pool, refused), { state: 'failed', reason: { exhausted: false } })
    t.same((await attemptsOf(refused))[0]?.[2], 'permanent-failure')
    const broken = await accepted()
    const throws = { send: () => Promise.reject(new Error('hỏng')) }
    t.equal(await deliver(workerWith(throws), broken, never), 'settled')
    t.match(await findDelivery(pool, broken), { state: 'waiting', reason: { code: 'channel-fault' } })
  },
)

t.test('what a stopping worker breaks off is due at once and charged to nobody', async (t) => {
  const key = await accepted()
  const channel = new GatedChannel()
  const stopping = new AbortController()
  const sending = deliver(workerWith(channel, 'stopping'), key, stopping.signal)
  await channel.begun(0)
  stopping.abort()
  t.equal(await sending, 'settled')
  t.match(await findDelivery(pool, key), { state: 'waiting', attempts: 0 })
  t.ok((await wait(key)) <= 0)
  t.equal(await deliver(workerWith(channelThat(SENT), 'next'), key, never), 'settled')
  t.match(await attemptsOf(key), [
    [1, 'stopping', 'retryable-failure'],
    [2, 'next', 'succeeded'],
  ])
})

t.test('a paused recipient is left in peace, and nothing is lost', async (t) => {
  const key = await accepted()
  await pool.query(`insert into recipient_pause (agency_code, paused_by) values ($1, 'test')`, [RECIPIENT])
  t.equal(await deliver(workerWith(channelThat(SENT)), key, never), 'nothing-to-do')
  t.match(await findDelivery(pool, key), { state: 'waiting', attempts: 0, inboxNumber: null })
  await pool.query('delete from recipient_pause where agency_code = $1', [RECIPIENT])
  t.equal(await deliver(workerWith(channelThat(SENT)), key, never), 'settled')
})

t.test('a delivery that is fetched or withdrawn while it is being sent is not settled', async (t) => {
  const request = { caller: callerOf(RECIPIENT), agency: agencyCode(RECIPIENT), claimToken: null }
  const overtakes: [string, (key: DeliveryKey) => Promise<unknown>][] = [
    ['handed-over', (key) => handOver(pool, { ...request, delivery: key })],
    ['withdrawn', (key) => inTx((db) => withdrawDeliveries(db, [key], { code: 'recalled' }))],
  ]
  for (const [state, overtake] of overtakes) {
    for (const result of [SENT, RETRY]) {
      const key = await accepted()
      const channel = new GatedChannel()
      const sending = deliver(workerWith(channel), key, never)
      const send = await channel.begun(0)
      await overtake(key)
      send.finish(result)
      t.equal(await sending, 'superseded', `${state}, ${result.outcome}`)
      t.match(await findDelivery(pool, key), { state })
      t.same(await attemptsOf(key), [[1, 'worker:test', 'superseded']])
      const [attempt] = await listAttempts(pool, key)
      t.same(attempt?.detail, result.outcome === 'retry' ? FAILURE : null, 'what it learnt is kept')
    }
  }
})

t.test('an attempt whose worker died is closed by whoever moves the delivery on', async (t) => {
  const request = { caller: callerOf(RECIPIENT), agency: agencyCode(RECIPIENT), claimToken: null }
  const overtakes: ((key: DeliveryKey) => Promise<unknown>)[] = [
    (key) => handOver(pool, { ...request, delivery: key }),
    (key) => inTx((db) => withdrawDeliveries(db, [key], { code: 'recalled' })),
  ]
  for (const overtake of overtakes) {
    const key = await accepted()
    await die(key)
    await overtake(key)
    const [attempt] = await listAttempts(pool, key)
    t.match(attempt, { state: 'superseded', finishedAt: Date })
  }
})

t.test('attempts that dead workers abandoned are not charged to the recipient', async (t) => {
  const key = await accepted()
  for (let dead = 0; dead < 9; dead++) {
    await die(key)
    t.match(await findDelivery(pool, key), { state: 'waiting', attempts: 0 })
  }
  t.equal(await deliver(workerWith(channelThat(RETRY)), key, never), 'settled')
  t.match(await findDelivery(pool, key), { state: 'waiting', attempts: 1 })
  const waits = await wait(key)
  t.ok(waits > 0 && waits <= RETRY_SCHEDULE[0]! * 1.2, 'the first wait of the schedule')
  await makeDue(key)
  for (let dead = 0; dead < 9; dead++) await die(key)
  t.equal(
    await deliver(workerWith(channelThat(SENT)), key, never),
    'settled',
    'those of before no more count',
  )
})

t.test('a delivery over which worker after worker dies is given up, with a reason', async (t) => {
  const key = await accepted()
  for (let dead = 0; dead < 10; dead++) await die(key)
  const channel = new RecordingChannel()
  t.equal(await deliver(workerWith(channel), key, never), 'nothing-to-do')
  t.same(channel.begun, [], 'nobody tries it once more')
  const failed = await findDelivery(pool, key)
  t.match(failed, { state: 'failed', attempts: 0, reason: { code: 'workers-died', detail: { workers: 10 } } })
  t.same(new Set((await attemptsOf(key)).map(([, , state]) => state)), new Set(['abandoned']))
  const events = await listDocumentEvents(pool, failed!.document, key)
  t.equal(events.filter(({ kind }) => kind === 'delivery-failed').length, 1)
  await retryDelivery(pool, { clientId: 'admin' }, key)
  t.equal(await deliver(workerWith(channelThat(SENT)), key, never), 'settled', 'an administrator may retry')
})

t.test('what was in the same hands as one that ends workers is not given up with it', async (t) => {
  const [deadly, innocent] = [await accepted(), await accepted()]
  for (let dead = 0; dead < 2; dead++) for (const key of [deadly, innocent]) await die(key)
  const channel = new GatedChannel()
  const both = [deadly, innocent].map((key) => deliver(workerWith(channel), key, never))
  const send = await channel.begun(0)
  const [held, given] = send.consignment.delivery.key === deadly ? [0, 1] : [1, 0]
  t.equal(await both[given], 'nothing-to-do', 'one of them at a time')
  const [inHand, aside] = [[deadly, innocent][held]!, [deadly, innocent][given]!]
  t.match(await findDelivery(pool, aside), {
    state: 'waiting',
    attempts: 0,
    reason: { code: 'stands-aside' },
  })
  t.ok((await wait(aside)) > 0, 'until the other may be out of that hand')
  t.same(new Set((await attemptsOf(aside)).map(([, , state]) => state)), new Set(['abandoned']))
  await makeDue(aside)
  t.equal(await deliver(workerWith(channel), aside, never), 'nothing-to-do', 'nor later')
  await endLease(inHand)
  await makeDue(aside)
  t.equal(await deliver(workerWith(channelThat(SENT)), aside, never), 'settled', 'as that worker is dead')
  t.match(await findDelivery(pool, aside), { state: 'available', reason: null })
  send.finish(SENT)
  t.equal(await both[held], 'settled')
})

t.test('what goes by a connector stays with the others of its packet', async (t) => {
  const keys = [await accepted(), await accepted()]
  await pool.query(`update delivery set channel = 'national-axis' where id = any($1)`, [keys])
  for (let dead = 0; dead < 2; dead++)
    for (const key of keys) {
      await inTx((db) => takeLease(db, key, 60))
      await endLease(key)
    }
  for (const key of keys) t.match(await inTx((db) => takeLease(db, key, 60)), { abandonments: 2 })
  const [one, other] = await Promise.all(keys.map((key) => inTx((db) => othersInHandUntil(db, key))))
  t.same([one, other], [null, null], 'nobody waits for it')
  const taken = { ...(await findDelivery(pool, keys[0]!))!, abandonments: 2 }
  t.equal(await inTx((db) => standsAside(db, taken)), false, 'nor does it wait')
})

t.test('a worker that dies once has nothing stand aside', async (t) => {
  const keys = [await accepted(), await accepted()]
  for (const key of keys) await die(key)
  const channel = new GatedChannel()
  const both = keys.map((key) => deliver(workerWith(channel), key, never))
  for (const at of keys.keys()) (await channel.begun(at)).finish(SENT)
  t.same(await Promise.all(both), ['settled', 'settled'])
})

t.test('a push to a recipient that has no endpoint any more is available in its inbox', async (t) => {
  const key = await accepted()
  await pool.query(`update delivery set channel = 'https-push' where id = $1`, [key])
  t.equal(await deliver(gateway.worker, key, never), 'settled')
  t.match(await findDelivery(pool, key), { state: 'available', reason: null })
  t.match((await listAttempts(pool, key))[0], {
    state: 'succeeded',
    detail: { notTold: { code: 'endpoint-missing' } },
  })
})
