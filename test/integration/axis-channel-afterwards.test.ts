import t from 'tap'
import { askForReceipts } from '../../src/delivery/axis-receipts.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { deliveryKey, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { registerConnectorGauges } from '../../src/http/health/connector-gauges.ts'
import { createMetrics } from '../../src/http/health/metrics.ts'
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
  const recall = { operation: 'recall' as const, documentId: edxmlDocumentId(documentId), reason: 'Nhầm' }
  const { claims, document: recalled } = await accepted(['H90'], documentId, { business: recall })
  t.match(claims, { withdrawn: [], asked: [{ agency: 'H90' }] })
  t.match(await deliveriesOf(document), [
    { state: 'withdrawn', requestState: 'requested', reason: { code: 'may-have-left' } },
  ])
  t.match(await deliveriesOf(recalled), [{ state: 'waiting', channel: 'national-axis' }])
})

t.test('a recall of what is being sent at this moment waits until that has come to an end', async (t) => {
  const before = axis.sends.length
  let release: () => void = () => undefined
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  axis.behave = () => ({ kind: 'take-and-wait', until })
  const { document, documentId } = await accepted(['H90'])
  const sending = deliver(
    { ...gateway.worker, leaseSeconds: 3 },
    (await deliveriesOf(document))[0]!.key,
    never,
  )
  await waitFor(() => sendsSince(before).length === 1)
  const { leaseUntil } = (await deliveriesOf(document))[0]!
  const recall = { operation: 'recall' as const, documentId: edxmlDocumentId(documentId), reason: 'Nhầm' }
  const { document: recalled } = await accepted(['H90'], documentId, { business: recall })
  t.equal(await sending, 'superseded', 'sending is broken off within the lease')
  release()
  const [told] = await deliveriesOf(recalled)
  t.match(told, { state: 'waiting', reason: { code: 'behind-stopped' } })
  t.ok(told!.nextAttemptAt!.getTime() >= leaseUntil!.getTime() + 10_000)
  t.equal(await deliverFirst(recalled), 'nothing-to-do')
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
