import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { listAttempts } from '../../src/db/attempts.ts'
import { type DeliveryRecord, listDeliveries } from '../../src/db/deliveries.ts'
import { findDocument } from '../../src/db/documents.ts'
import { listInbox } from '../../src/db/inbox.ts'
import { askForReceipts } from '../../src/delivery/axis-receipts.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { agencyCode, type DocumentKey, deliveryKey, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import type { TableRule } from '../../src/domain/routing-rule.ts'
import { registerConnectorGauges } from '../../src/http/health/connector-gauges.ts'
import { createMetrics } from '../../src/http/health/metrics.ts'
import { deliveryReceipts } from '../../src/receipts/delivery-receipts.ts'
import { TinyAxis } from '../fakes/tiny-axis.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket, statusPacket } from '../support/packets.ts'
import { endpointFact, recordFacts } from '../support/record-facts.ts'
import { recordTable } from '../support/record-table.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const SENDER = 'G90'
const ABROAD = ['H90', 'H90.31', 'H90.32'] as const
const folder = await temporaryFolder(t)
const axis = await TinyAxis.start(t)
const peer = await TinyAxis.start(t)
await writeFile(join(folder, 'secret'), 'bí mật\n')
const connectors = {
  traceId: '000.00.00.T99',
  home: ['G90'],
  connectors: [
    {
      name: 'national-axis',
      channel: 'national-axis',
      url: axis.url,
      systemId: 'TRAM',
      secretFile: 'secret',
      addsTraceHeader: true,
      timeoutSeconds: 5,
    },
    { name: 'h91', channel: 'gateway', gateway: 'H91', url: peer.url, systemId: 'T', secretFile: 'secret' },
  ],
}
await writeFile(join(folder, 'connectors.json'), JSON.stringify(connectors))
const gateway = await testGateway(t, undefined, { TRAM_CONNECTORS: join(folder, 'connectors.json') })
const { pool } = gateway.api
const never = new AbortController().signal

const rules: TableRule[] = [
  {
    id: 'push-first',
    sender: agencyCode('H91'),
    recipient: agencyCode('H90.32'),
    channel: 'https-push',
    fallback: ['national-axis', 'mailbox'],
  },
  { id: 'peer', recipient: agencyCode('H91'), channel: 'gateway', gateway: agencyCode('H91') },
  { id: 'nobody', sender: agencyCode('H91'), channel: 'gateway', gateway: agencyCode('H90') },
  { id: 'axis', under: agencyCode('H90'), channel: 'national-axis', fallback: ['mailbox'] },
]
await recordFacts(pool, [endpointFact('H90.32', 'https://10.0.0.1/forbidden')])
await recordTable(pool, rules)

let serial = 0
const newId = () => `${SENDER},2026/11/20,${++serial}/BTN-VP`

async function accepted(to: readonly string[], documentId = newId(), more = {}) {
  const packet = await documentPacket({ from: SENDER, to, documentId, ...more })
  const { claims } = await gateway.submit(SENDER, packet)
  return { document: claims.document, claims, packet, documentId }
}
const deliveriesOf = (document: DocumentKey): Promise<DeliveryRecord[]> => listDeliveries(pool, document)
const deliverFirst = async (document: DocumentKey, signal = never) =>
  deliver(gateway.worker, (await deliveriesOf(document))[0]!.key, signal)
const dueAgain = (document: DocumentKey) =>
  pool.query(
    `update delivery set next_attempt_at = clock_timestamp(), lease_until = null
      where document_id = $1 and state = 'waiting'`,
    [document],
  )
const sendsSince = (before: number) => axis.sends.slice(before)

t.beforeEach(() => {
  axis.behave = () => ({ kind: 'take' })
})

t.test('one send carries all recipients of a document by one connector', async (t) => {
  const before = axis.sends.length
  const { document, packet } = await accepted([...ABROAD, 'H91'])
  t.equal(await deliverFirst(document), 'settled')
  const [send, ...others] = sendsSince(before)
  t.same(others, [])
  t.same([...send!.to].sort(), [...ABROAD])
  t.match(send!.headers, { from: SENDER, messagetype: 'edoc', systemid: 'TRAM' })
  const text = send!.body.toString()
  t.match(text, '<edXML:OrganId>000.00.00.T99</edXML:OrganId>', 'our TraceHeader')
  t.equal(
    text.replace(/<edXML:TraceHeader><edXML:OrganId>000.*?<\/edXML:TraceHeader>/, '').trim().length > 0,
    true,
  )
  t.notSame(text, packet.toString())
  const rows = await deliveriesOf(document)
  const [docId] = [...axis.taken.keys()].slice(-1)
  for (const code of ABROAD)
    t.match(
      rows.find(({ recipient }) => recipient === code),
      { state: 'handed-over', remoteId: docId, mayHaveLeft: true, inboxNumber: null, attempts: 1 },
      code,
    )
  t.match(
    rows.find(({ recipient }) => recipient === 'H91'),
    { state: 'waiting', channel: 'gateway' },
  )
  t.equal(await deliver(gateway.worker, rows[1]!.key, never), 'nothing-to-do', 'its own job comes too late')
})

t.test('a gateway gets the bytes as they came, with seal and way beside them', async (t) => {
  const { document, packet } = await accepted(['H91'])
  t.equal(await deliverFirst(document), 'settled')
  const send = peer.sends.at(-1)!
  t.ok(send.body.equals(packet), 'not a byte was changed')
  t.match(Buffer.from(send.headers['tram-seal']!, 'base64').toString(), /Signature/)
  t.match(JSON.parse(send.headers['tram-hops']!), [{ organId: '000.00.00.T99' }])
  t.match(await deliveriesOf(document), [{ state: 'handed-over', channel: 'gateway' }])
  const record = (await findDocument(pool, document))!
  const [receipt] = await deliveryReceipts(gateway.api, record, null, 10)
  t.match(receipt!.claims, { event: 'RelayAcceptance', state: 'handed-over' }, 'it was relayed, not fetched')
})

t.test('a rule for a gateway without connector decides nothing', async (t) => {
  const packet = await documentPacket({ from: 'H91', to: ['G90'], documentId: 'H91,2026/11/20,1/UB' })
  const { claims } = await gateway.submit('H91', packet)
  const [delivery] = await deliveriesOf(claims.document)
  t.match(delivery, { channel: 'mailbox' })
  t.match(
    delivery!.route.tried?.find(({ rule }) => rule === 'nobody'),
    { because: 'no-connector' },
  )
})

t.test('a recipient that the other side does not know stands in nobody’s way', async (t) => {
  axis.behave = ({ to }) =>
    to.includes('H90.31')
      ? { kind: 'refuse', code: '18', because: 'đơn vị H90.31 không tồn tại' }
      : { kind: 'take' }
  const { document } = await accepted(ABROAD)
  await deliverFirst(document)
  const rows = await deliveriesOf(document)
  t.same(
    rows.map(({ recipient, state, channel }) => [recipient, state, channel]),
    [
      ['H90', 'handed-over', 'national-axis'],
      ['H90.31', 'waiting', 'mailbox'],
      ['H90.32', 'handed-over', 'national-axis'],
    ],
    'who was refused goes its fall-back: nobody there has it',
  )
  t.match(rows[1], { mayHaveLeft: false, reason: { code: 'axis-recipient-unknown' } })
  t.match(JSON.stringify(rows[1]!.reason), /H90.31 không tồn tại/, "the other side's words")
})

t.test('what goes on by another exchange leaves the inbox, and comes back under a new number', async (t) => {
  axis.behave = () => ({ kind: 'refuse', code: '23', because: 'khóa' })
  const packet = await documentPacket({ from: 'H91', to: ['H90.32'], documentId: 'H91,2026/11/20,2/UB' })
  const { document } = (await gateway.submit('H91', packet)).claims
  const inbox = () => listInbox(pool, agencyCode('H90.32'), 0, 100, null)
  await deliverFirst(document)
  t.match(await deliveriesOf(document), [{ channel: 'national-axis', inboxNumber: null, mayHaveLeft: false }])
  t.same(await inbox(), [], 'it cannot be pulled while it may go abroad')
  const { rows } = await pool.query(
    'select inbox_number, moved_to from inbox_departure where agency_code = $1',
    ['H90.32'],
  )
  t.same(rows, [{ inbox_number: 1, moved_to: null }], 'its number stays on record')
  await deliverFirst(document)
  t.match(await deliveriesOf(document), [{ channel: 'mailbox', inboxNumber: null, mayHaveLeft: false }])
  await deliverFirst(document)
  t.match(await inbox(), [{ number: 2, state: 'available' }])
})

t.test('what may have arrived is sent again to the same, and never another way', async (t) => {
  const before = axis.sends.length
  axis.behave = () => ({ kind: 'take-and-reset' })
  const { document } = await accepted(ABROAD)
  await deliverFirst(document)
  for (const row of await deliveriesOf(document))
    t.match(row, { state: 'waiting', mayHaveLeft: true, attempts: 1, channel: 'national-axis' })
  const due = new Set((await deliveriesOf(document)).map(({ nextAttemptAt }) => nextAttemptAt!.getTime()))
  t.equal(due.size, 1, 'due at one instant')
  axis.behave = () => ({ kind: 'refuse', code: '22', because: 'sai' })
  await dueAgain(document)
  await deliverFirst(document)
  for (const row of await deliveriesOf(document))
    t.match(
      row,
      { state: 'failed', mayHaveLeft: true, channel: 'national-axis' },
      'no fall-back: it may be there',
    )
  const [first, second] = sendsSince(before)
  t.same(first!.to, second!.to)
  t.ok(first!.body.equals(second!.body), 'the same bytes')
})

t.test('a worker that dies between send and settling costs nothing', async (t) => {
  const before = axis.sends.length
  const ending = new AbortController()
  let release: () => void = () => undefined
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  axis.behave = () => ({ kind: 'take-and-wait', until })
  const { document } = await accepted(ABROAD)
  const dead = deliver(
    { ...gateway.worker, leaseSeconds: 1_000 },
    (await deliveriesOf(document))[0]!.key,
    ending.signal,
  )
  await waitFor(() => sendsSince(before).length === 1)
  for (const row of await deliveriesOf(document)) t.equal(row.mayHaveLeft, true, 'put on record before')
  // Its leases run out, as those of a process that was killed.
  await pool.query(
    `update delivery set lease_until = clock_timestamp() where document_id = $1 and lease_until is not null`,
    [document],
  )
  axis.behave = () => ({ kind: 'take' })
  t.equal(await deliverFirst(document), 'settled')
  release()
  t.equal(await dead, 'superseded', 'the late one changes nothing')
  const [first, second] = sendsSince(before)
  t.same([...second!.to].sort(), [...first!.to].sort())
  t.ok(first!.body.equals(second!.body))
  const ids = new Set((await deliveriesOf(document)).map(({ remoteId }) => remoteId))
  t.equal(ids.size, 1)
  t.equal(axis.taken.get([...ids][0]!)?.size, 3)
  const [one] = await deliveriesOf(document)
  t.same(
    (await listAttempts(pool, one!.key)).map(({ state }) => state),
    ['abandoned', 'succeeded'],
  )
})

t.test('an exchange that is not there is asked by one, and nothing is charged', async (t) => {
  axis.behave = () => ({ kind: 'html', status: 502 })
  const [one, two] = [await accepted(['H90']), await accepted(['H90'])]
  const before = axis.sends.length
  await deliverFirst(one.document)
  await deliverFirst(two.document)
  t.equal(sendsSince(before).length, 1, 'the second one did not ask')
  const rows = [...(await deliveriesOf(one.document)), ...(await deliveriesOf(two.document))]
  for (const row of rows) t.match(row, { state: 'waiting', attempts: 0, channel: 'national-axis' })
  t.match(
    rows.map(({ mayHaveLeft }) => mayHaveLeft),
    [true, false],
    'a proxy may have passed it on',
  )
  const [exchange] = gateway.worker.exchanges.all
  t.equal(exchange!.reach.up, false)
  exchange!.reach.saw(undefined, performance.now())
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
  await deliverFirst(document)
  const { registry } = createMetrics(pool, t.error)
  registerConnectorGauges(registry, gateway.worker)
  const text = await registry.metrics()
  t.match(text, /tram_deliveries_waiting_abroad\{channel="national-axis",gateway=""\} [1-9]/)
  t.match(text, /tram_oldest_waiting_abroad_seconds\{channel="national-axis",gateway=""\} \d/)
  t.match(text, /tram_connector_up\{connector="national-axis"\} 0/)
  t.match(text, /tram_connector_up\{connector="h91"\} 1/)
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
