import t from 'tap'
import { listAttempts } from '../../src/db/attempts.ts'
import { listDocumentEvents } from '../../src/db/audit-events.ts'
import { findDelivery, listDeliveries, withdrawDeliveries } from '../../src/db/deliveries.ts'
import { takeOutbox } from '../../src/db/outbox.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { RETRY_SCHEDULE } from '../../src/delivery/retry-policy.ts'
import { agencyCode, type DeliveryKey } from '../../src/domain/identifiers.ts'
import type { QuietHours, TableRule } from '../../src/domain/routing-rule.ts'
import type { Urgency } from '../../src/domain/urgency.ts'
import { vietnamIso } from '../../src/domain/vietnam-time.ts'
import { channelsOf } from '../fakes/channels.ts'
import { channelThat, FAILURE, GatedChannel, RETRY, SENT } from '../fakes/gated-channel.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { endpointFact, recordFacts } from '../support/record-facts.ts'
import { recordTable } from '../support/record-table.ts'

const SENDER = 'G90'
const gateway = await testGateway(t)
const { pool } = gateway.api
const never = new AbortController().signal

/** `HH:mm` in Vietnam, some minutes from now. */
const clock = (minutes: number): string => vietnamIso(new Date(Date.now() + minutes * 60_000)).slice(11, 16)
const quietFrom = (from: number, to: number): QuietHours => ({
  from: clock(from),
  to: clock(to),
  passedFrom: 2,
})
const quiet = quietFrom(-60, 120)
const quietSoon = quietFrom(3, 240)

const rules: TableRule[] = [
  { id: 'push', recipient: agencyCode('H90'), channel: 'https-push', fallback: ['mailbox'] },
  { id: 'quiet', recipient: agencyCode('H91'), channel: 'mailbox', quietHours: quiet },
  { id: 'soon', recipient: agencyCode('H90.31'), channel: 'mailbox', quietHours: quietSoon },
]
await recordFacts(pool, [endpointFact('H90', 'https://h90.vn/notices')])
await recordTable(pool, rules)

let serial = 0

async function accepted(recipient: string, priority: Urgency = 0): Promise<DeliveryKey> {
  const documentId = `${SENDER},2026/11/20,${++serial}/BTN-VP`
  const packet = await documentPacket({ from: SENDER, to: [recipient], documentId, priority })
  const { claims } = await gateway.submit(SENDER, packet)
  return (await listDeliveries(pool, claims.document))[0]!.key
}

const push = channelThat({ outcome: 'refused', failure: FAILURE })
const workerWith = (...channels: Parameters<typeof channelsOf>) => ({
  ...gateway.worker,
  channels: channelsOf(...channels),
})
const found = async (key: DeliveryKey) => (await findDelivery(pool, key))!
const eventsOf = async (key: DeliveryKey) =>
  (await listDocumentEvents(pool, (await found(key)).document, key)).map(({ kind, detail }) => ({
    kind,
    detail,
  }))
/** What the queue is owed of a delivery: epochs of its rows in the outbox. */
const owed = (key: DeliveryKey) =>
  inTransaction(pool, async (db) =>
    (await takeOutbox(db, 1_000)).filter(({ delivery }) => delivery === key).map(({ epoch }) => epoch),
  )
const dueIn = async (key: DeliveryKey) => (await found(key)).nextAttemptAt!.getTime() - Date.now()

t.test('a refusal ends a channel, not the delivery', async (t) => {
  const key = await accepted('H90')
  t.match(await found(key), { channel: 'https-push', route: { rule: 'push', fallback: ['mailbox'] } })
  await owed(key)
  t.equal(await deliver(workerWith(channelThat(SENT), push), key, never), 'settled')
  const moved = await found(key)
  t.match(moved, {
    state: 'waiting',
    channel: 'mailbox',
    attempts: 0,
    reason: { code: 'http-status' },
    route: { rule: 'push', rerouted: [{ from: 'https-push', to: 'mailbox', because: 'http-status' }] },
  })
  t.notOk('fallback' in moved.route, 'nothing is left')
  t.same(await owed(key), [moved.leaseEpoch], 'the queue is told at once, under an epoch of its own')
  t.equal(await deliver(workerWith(channelThat(SENT), push), key, never), 'settled')
  t.match(await found(key), { state: 'available', attempts: 1, inboxNumber: moved.inboxNumber, reason: null })
  t.match((await eventsOf(key)).slice(-3), [
    { kind: 'delivery-attempt-failed', detail: { attempt: 1, channel: 'https-push' } },
    { kind: 'delivery-rerouted', detail: { from: 'https-push', to: 'mailbox', because: FAILURE } },
    { kind: 'delivery-available', detail: { attempt: 1, channel: 'mailbox' } },
  ])
  t.same(
    (await listAttempts(pool, key)).map(({ channel, state }) => [channel, state]),
    [
      ['https-push', 'permanent-failure'],
      ['mailbox', 'succeeded'],
    ],
  )
})

t.test('so do exhausted attempts; the last channel fails as ever', async (t) => {
  const key = await accepted('H90')
  await pool.query('update delivery set attempts = $2 where id = $1', [key, RETRY_SCHEDULE.length])
  await deliver(workerWith(channelThat(RETRY)), key, never)
  t.match(await found(key), { state: 'waiting', channel: 'mailbox', attempts: 0 })
  await pool.query('update delivery set attempts = $2 where id = $1', [key, RETRY_SCHEDULE.length])
  await deliver(workerWith(channelThat(RETRY)), key, never)
  t.match(await found(key), { state: 'failed', channel: 'mailbox', reason: { exhausted: true } })
})

t.test('a worker that was overtaken sends nothing on', async (t) => {
  const key = await accepted('H90')
  const channel = new GatedChannel()
  const slow = deliver(workerWith(channel), key, never)
  const send = await channel.begun(0)
  await inTransaction(pool, (db) => withdrawDeliveries(db, [key], { code: 'cancelled' }))
  await owed(key)
  send.finish({ outcome: 'refused', failure: FAILURE })
  t.equal(await slow, 'superseded')
  t.match(await found(key), { state: 'withdrawn', channel: 'https-push' })
  t.same(await owed(key), [])
  t.notOk((await eventsOf(key)).some(({ kind }) => kind === 'delivery-rerouted'))
})

t.test(
  'what was routed to a channel without connector waits, and goes on where another is left',
  async (t) => {
    const key = await accepted('H90.32')
    const route = (fallback: readonly string[]) =>
      pool.query(
        `update delivery set channel = 'national-axis', route = route || jsonb_build_object('fallback', $2::text[]),
        next_attempt_at = clock_timestamp() where id = $1`,
        [key, fallback],
      )
    await route([])
    await deliver(gateway.worker, key, never)
    t.match(await found(key), {
      state: 'waiting',
      channel: 'national-axis',
      attempts: 0,
      reason: { code: 'channel-not-connected' },
    })
    t.ok((await dueIn(key)) > 600_000, 'it is looked at again later')
    await route(['mailbox'])
    await deliver(gateway.worker, key, never)
    t.match(await found(key), { state: 'waiting', channel: 'mailbox' })
  },
)

t.test('in quiet hours a document waits from acceptance on, and is not in the inbox', async (t) => {
  const key = await accepted('H91')
  const waiting = await found(key)
  t.match(waiting, { state: 'waiting', inboxNumber: null, reason: { code: 'quiet-hours' } })
  t.equal(vietnamIso(waiting.nextAttemptAt!).slice(11, 19), `${quiet.to}:00`)
  t.same(await owed(key), [], 'the queue is not told yet')
  t.equal(await deliver(gateway.worker, key, never), 'nothing-to-do')
  const urgent = await accepted('H91', 2)
  await deliver(gateway.worker, urgent, never)
  t.match(await found(urgent), { state: 'available' }, 'the urgent passes')
})

t.test('one that is taken late, in quiet hours, is given back untouched', async (t) => {
  const key = await accepted('H91')
  const { nextAttemptAt } = await found(key)
  await pool.query('update delivery set next_attempt_at = clock_timestamp() where id = $1', [key])
  t.equal(await deliver(gateway.worker, key, never), 'nothing-to-do')
  const held = await found(key)
  t.match(held, { state: 'waiting', inboxNumber: null, attempts: 0, reason: { code: 'quiet-hours' } })
  t.same(held.nextAttemptAt, nextAttemptAt)
  t.same(await listAttempts(pool, key), [])
})

t.test('a retry that would fall into quiet hours waits for their end', async (t) => {
  const key = await accepted('H90.31')
  await pool.query('update delivery set attempts = 1 where id = $1', [key])
  await deliver(workerWith(channelThat(RETRY)), key, never)
  const retried = await found(key)
  t.match(retried, { state: 'waiting', attempts: 2, reason: { code: 'http-status' } })
  t.equal(vietnamIso(retried.nextAttemptAt!).slice(11, 16), quietSoon.to)
})
