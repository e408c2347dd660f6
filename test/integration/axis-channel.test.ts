import { Readable } from 'node:stream'
import t from 'tap'
import { listAttempts } from '../../src/db/attempts.ts'
import { findDocument } from '../../src/db/documents.ts'
import { listInbox } from '../../src/db/inbox.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import { deliveryReceipts } from '../../src/receipts/delivery-receipts.ts'
import { ABROAD, abroadWorld, SENDER } from '../support/abroad-world.ts'
import { awaySince } from '../support/away-since.ts'
import { callerOf } from '../support/caller-of.ts'
import { documentPacket } from '../support/packets.ts'
import { waitFor } from '../support/wait-for.ts'

const { axis, peer, gateway, pool, accepted, deliveriesOf, deliverFirst, dueAgain, sendsSince } =
  await abroadWorld(t)
const never = new AbortController().signal

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
  const traced = /<edXML:TraceHeader><edXML:OrganId>000\.00\.00\.T99<.*?<\/edXML:TraceHeader>/
  t.equal(text.replace(traced, '').trimEnd(), packet.toString().trimEnd(), 'and nothing else')
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

t.test('hand-ins of one packet leave with the same bytes, however far apart they came', async (t) => {
  const before = axis.sends.length
  const documentId = `${SENDER},2026/11/20,901/BTN-VP`
  const packet = await documentPacket({ from: SENDER, to: ABROAD, documentId })
  for (const [hour, code] of ABROAD.entries()) {
    const content = Readable.from([packet])
    const handedIn = { caller: callerOf(SENDER), content, handedInFor: [code] }
    const { claims } = await acceptSubmission(gateway.api, handedIn)
    const acceptedAt = new Date(Date.UTC(2026, 10, 20, hour))
    await pool.query('update document set accepted_at = $2 where id = $1', [claims.document, acceptedAt])
    await deliverFirst(claims.document)
  }
  const sends = sendsSince(before)
  t.same(
    sends.map(({ to }) => to),
    ABROAD.map((code) => [code]),
  )
  t.equal(new Set(sends.map(({ body }) => body.toString())).size, 1)
  t.match(
    sends[0]!.body.toString(),
    '<edXML:Timestamp>2026/11/20 07:00:00</edXML:Timestamp>',
    'when it first came',
  )
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
  const inbox = () => listInbox(pool, { agency: agencyCode('H90.32'), after: 0, limit: 100, kind: null })
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
  const [exchange] = gateway.worker.exchanges.all
  awaySince(exchange!.reach, performance.now() - 60_000)
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
  t.equal(exchange!.reach.up, false)
  exchange!.reach.saw(undefined, performance.now())
})
