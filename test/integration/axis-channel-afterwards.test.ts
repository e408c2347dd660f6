import t from 'tap'
import { askForReceipts } from '../../src/delivery/axis-receipts.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { deliveryKey, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { registerConnectorGauges } from '../../src/http/health/connector-gauges.ts'
import { createMetrics } from '../../src/http/health/metrics.ts'
import type { AxisBehaviour, AxisCall } from '../fakes/tiny-axis.ts'
import { abroadWorld, SENDER } from '../support/abroad-world.ts'
import { awaySince } from '../support/away-since.ts'
import { statusPacket } from '../support/packets.ts'
import { waitFor } from '../support/wait-for.ts'

const { axis, gateway, pool, accepted, deliveriesOf, deliverFirst, sendsSince } = await abroadWorld(t)
const never = new AbortController().signal

t.beforeEach(() => {
  axis.behave = () => ({ kind: 'take' })
})

t.test('a recall stops what may have left and is sent after it; the recipient’s word ends it', async (t) => {
  axis.behave = () => ({ kind: 'take-and-reset' })
  const { document, documentId } = await accepted(['H90'])
  await deliverFirst(document)
  const { claims, document: recalled } = await accepted(['H90'], documentId, {
    business: recallOf(documentId),
  })
  t.match(claims, { withdrawn: [], asked: [{ agency: 'H90' }] })
  t.match(await deliveriesOf(document), [
    { state: 'withdrawn', requestState: 'requested', reason: { code: 'may-have-left' } },
  ])
  t.match(await deliveriesOf(recalled), [{ state: 'waiting', channel: 'national-axis' }])
})

t.test('a recall of what is being sent at this moment waits until that has come to an end', async (t) => {
  const { document, documentId, sending, release } = await underWay(['H90'])
  const { leaseUntil } = (await deliveriesOf(document))[0]!
  const { document: recalled } = await accepted(['H90'], documentId, { business: recallOf(documentId) })
  t.equal(await sending, 'superseded', 'sending is broken off within the lease')
  release()
  const [told] = await deliveriesOf(recalled)
  t.match(told, { state: 'waiting', reason: { code: 'behind-stopped' } })
  t.ok(told!.nextAttemptAt!.getTime() >= leaseUntil!.getTime() + 10_000)
  t.equal(await deliverFirst(recalled), 'nothing-to-do')
})

t.test('what is taken back from one of two is not sent on to him; the other gets it at once', async (t) => {
  const { document, documentId, sending, release } = await underWay(['H90', 'H90.31'])
  await accepted(['H90'], documentId, { business: recallOf(documentId) })
  t.equal(await sending, 'superseded', 'sending is broken off within the lease')
  release()
  t.match(await deliveriesOf(document), [
    { recipient: 'H90', state: 'withdrawn', requestState: 'requested' },
    {
      recipient: 'H90.31',
      state: 'waiting',
      attempts: 0,
      mayHaveLeft: true,
      reason: { code: 'interrupted' },
    },
  ])
  axis.behave = () => ({ kind: 'take' })
  const other = (await deliveriesOf(document))[1]!
  t.ok(other.nextAttemptAt!.getTime() <= Date.now())
  t.equal(await deliver(gateway.worker, other.key, never), 'settled')
  t.strictSame(axis.sends.at(-1)!.to, ['H90.31'], 'asked for him alone')
  t.match(await deliveriesOf(document), [{ state: 'withdrawn' }, { state: 'handed-over', attempts: 1 }])
})

t.test('what was put off behind others is not sent any more once it is taken back', async (t) => {
  const before = axis.sends.length
  const { document, documentId, sending, release } = await underWay(['H90', 'H90.31'], ({ to }) =>
    to.length > 1 ? { kind: 'refuse', code: '18', because: 'đơn vị nhận không tồn tại' } : undefined,
  )
  await waitFor(() => sendsSince(before).length === 2)
  await accepted(['H90.31'], documentId, { business: recallOf(documentId) })
  await sending
  release()
  t.strictSame(
    sendsSince(before).map(({ to }) => to),
    [['H90', 'H90.31'], ['H90']],
  )
  t.match(await deliveriesOf(document), [{ state: 'waiting', attempts: 0 }, { state: 'withdrawn' }])
})

t.test('sending goes on where one of two is known to have it already', async (t) => {
  const before = axis.sends.length
  const { document, documentId, sending, release } = await underWay(['H90', 'H90.31'])
  await gateway.submit('H90', statusPacket({ from: 'H90', to: SENDER, documentId, code: '01' }))
  const leaseEnd = async () => (await deliveriesOf(document))[1]!.leaseUntil!.getTime()
  const first = await leaseEnd()
  await waitFor(async () => (await leaseEnd()) > first + 1_500)
  release()
  t.equal(await sending, 'superseded')
  t.equal(sendsSince(before).length, 1)
  t.match(await deliveriesOf(document), [{ state: 'acknowledged' }, { state: 'handed-over', attempts: 1 }])
})

t.test('a status from the recipient acknowledges what was handed on', async (t) => {
  const { document, documentId } = await accepted(['H90', 'H90.31'])
  await deliverFirst(document)
  await gateway.submit('H90', statusPacket({ from: 'H90', to: SENDER, documentId, code: '03' }))
  t.match(await deliveriesOf(document), [
    { recipient: 'H90', state: 'acknowledged', processingStatus: '03' },
    { recipient: 'H90.31', state: 'handed-over' },
  ])
})

t.test('a status also proves that an attempt arrived of which nobody heard', async (t) => {
  axis.behave = () => ({ kind: 'take-and-reset' })
  const { document, documentId } = await accepted(['H90'])
  await deliverFirst(document)
  await gateway.submit('H90', statusPacket({ from: 'H90', to: SENDER, documentId, code: '01' }))
  t.match(await deliveriesOf(document), [{ state: 'acknowledged' }])
  t.equal(
    await deliver(gateway.worker, deliveryKey((await deliveriesOf(document))[0]!.key), never),
    'nothing-to-do',
  )
})

t.test('the other side is asked for receipts, and what it says is told once', async (t) => {
  const { document } = await accepted(['H90', 'H90.31', 'H90.32'])
  await deliverFirst(document)
  const ask = async () => {
    await pool.query('update delivery set receipt_due_at = clock_timestamp() where document_id = $1', [
      document,
    ])
    return askForReceipts(gateway.worker, () => undefined, never)
  }
  axis.sent = (docId) => [
    sentItem('another', 'H90.32', { receiveStatus: 'done' }),
    sentItem(docId, 'H90', { receiveStatus: 'DONE' }),
    sentItem(docId, 'H90.31', { receiveStatus: 'fail', receiveStatusDesc: 'hết dung lượng' }),
    sentItem(docId, 'H90.32', { receiveStatus: 'initial' }),
  ]
  const before = axis.calls.length
  t.match(await ask(), { acknowledged: 1, failed: 1 })
  t.equal(axis.calls.slice(before).filter(({ operation }) => operation === 'getSentEdocList').length, 1)
  t.match(await deliveriesOf(document), [
    { state: 'acknowledged' },
    { state: 'handed-over', reason: { code: 'failed-there' } },
    { state: 'handed-over', reason: null },
  ])
  t.match(await ask(), { acknowledged: 0, failed: 0 }, 'no news')
  axis.sent = (docId) => [sentItem(docId, 'H90.31', { receiveStatus: 'done' })]
  t.match(await ask(), { acknowledged: 1 }, 'it may still arrive')
  const { rows } = await pool.query<{ kind: string }>(
    `select kind from audit_event where document_id = $1 and kind in ('delivery-failed-there', 'delivery-acknowledged')`,
    [document],
  )
  t.same(rows.map(({ kind }) => kind).sort(), [
    'delivery-acknowledged',
    'delivery-acknowledged',
    'delivery-failed-there',
  ])
})

t.test('the metrics tell what waits for other exchanges, and which can be reached', async (t) => {
  axis.behave = () => ({ kind: 'html', status: 503 })
  const { document } = await accepted(['H90'])
  awaySince(gateway.worker.exchanges.all[0]!.reach, performance.now() - 60_000)
  await deliverFirst(document)
  const { registry } = createMetrics(pool, t.error)
  registerConnectorGauges(registry, gateway.worker)
  const text = await registry.metrics()
  t.match(text, /tram_deliveries_waiting_abroad\{channel="national-axis",gateway=""\} [1-9]/)
  t.match(text, /tram_oldest_waiting_abroad_seconds\{channel="national-axis",gateway=""\} \d/)
  t.match(text, /tram_connector_up\{connector="national-axis"\} 0/)
  t.notMatch(text, /connector="h91"/, 'it was not asked yet')
})

const recallOf = (documentId: string) => ({
  operation: 'recall' as const,
  documentId: edxmlDocumentId(documentId),
  reason: 'Nhầm',
})

/**
 * A document that is being sent at this moment, by a worker with a lease of 3 s, to an exchange that takes it and does not
 * answer before it is released; `first` says where it does something else.
 */
async function underWay(
  to: readonly string[],
  first: (call: AxisCall) => AxisBehaviour | undefined = () => undefined,
) {
  const before = axis.sends.length
  let release: () => void = () => undefined
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  axis.behave = (call) => first(call) ?? { kind: 'take-and-wait', until }
  const { document, documentId } = await accepted(to)
  const lead = (await deliveriesOf(document))[0]!
  const sending = deliver({ ...gateway.worker, leaseSeconds: 3 }, lead.key, never)
  await waitFor(() => sendsSince(before).length > 0)
  return { document, documentId, sending, release }
}

const sentItem = (senderDocId: string, toCode: string, more: Record<string, string>) => ({
  serviceType: 'eDoc',
  messageType: 'edoc',
  senderDocId,
  receiverDocId: '',
  fromCode: SENDER,
  toCode,
  sendStatus: 'done',
  sendStatusDesc: '',
  receiveStatus: '',
  receiveStatusDesc: '',
  title: '',
  notation: '',
  sentTime: '',
  receivedTime: '',
  ...more,
})
