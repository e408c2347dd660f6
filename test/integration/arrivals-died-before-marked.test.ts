import t from 'tap'
import { fetchArrival } from '../../src/connector/fetch-arrival.ts'
import { pollLists } from '../../src/connector/poll-lists.ts'
import type { DocumentKey } from '../../src/domain/identifiers.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { connectTo } from '../support/arrivals.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

// A process may die when a packet is taken in, and before that is noted of its arrival: what was taken in is handed in again.

const [AWAY, HOME, COMMUNE] = ['G90', 'H90', 'H90.31'] as const
const gateway = await testGateway(t)
const { pool } = gateway.api
const axis = await FakeAxis.start(t)
const here = await connectTo(t, gateway, axis.url, [HOME])

/** As it stood when its process died. */
const unmarked = (remoteId: string) =>
  pool.query(
    `update axis_arrival set state = 'fetched', document_id = null, facts_sha256 = null, told = false, told_as = null,
      next_attempt_at = clock_timestamp() where remote_id = $1`,
    [remoteId],
  )

let serial = 0
const packetTo = (...to: string[]) => {
  serial += 1
  return documentPacket({ from: AWAY, to, documentId: `${AWAY},2026/11/20,${serial}/BTN-VP` })
}
const deliveriesOf = async (document: DocumentKey) =>
  (await pool.query('select from delivery where document_id = $1', [document])).rowCount

t.test('in the bytes in which the same came another way before', async (t) => {
  const packet = await packetTo(HOME)
  const { claims } = await gateway.submit(AWAY, packet)
  const docId = axis.offer(packet, AWAY, HOME)
  axis.plan.command('getEdoc', 'rewritten')
  await here.round()
  const taken = await here.arrival(docId)
  t.match(taken, { state: 'accepted', document: claims.document })
  await unmarked(docId)
  await here.round()
  t.match(await here.arrival(docId), { state: 'accepted', document: claims.document, packet: taken!.packet })
  t.same(axis.store.held.get(docId)?.told, ['done', 'done'], 'and nobody is told that it failed')
  t.equal(await deliveriesOf(claims.document), 1)
})

t.test('in its own bytes', async (t) => {
  const docId = axis.offer(await packetTo(HOME), AWAY, HOME)
  await here.round()
  const { document } = (await here.arrival(docId))!
  await unmarked(docId)
  await here.round()
  t.match(await here.arrival(docId), { state: 'accepted', document })
  t.equal(await deliveriesOf(document!), 1)
})

t.test('for whom it was for at that time, though by now it would be for others', async (t) => {
  const docId = axis.offer(await packetTo(HOME, COMMUNE), AWAY, HOME)
  await here.round()
  const { document } = (await here.arrival(docId))!
  await unmarked(docId)
  await pool.query(`update axis_arrival set listed_to = '' where remote_id = $1`, [docId])
  await here.round()
  t.match(await here.arrival(docId), { state: 'accepted', document })
})

t.test('what says something else than what was taken in under its number is refused', async (t) => {
  const [docId, other] = [
    axis.offer(await packetTo(HOME), AWAY, HOME),
    axis.offer(await packetTo(HOME), AWAY, HOME),
  ]
  await here.round()
  await unmarked(docId)
  await pool.query(
    `update axis_arrival as one set packet_sha256 = two.packet_sha256, packet_length = two.packet_length
      from axis_arrival as two where one.remote_id = $1 and two.remote_id = $2`,
    [docId, other],
  )
  await here.round()
  t.match(await here.arrival(docId), { state: 'refused', problem: { code: 'idempotency-key-reused' } })
})

t.test('two processes fetch the same packet: what was kept first is handed in', async (t) => {
  const docId = axis.offer(await packetTo(HOME), AWAY, HOME)
  axis.plan.command('getEdoc', 'rewritten', 'rewritten')
  const { signal } = new AbortController()
  await pollLists(here.dependencies, signal)
  const arrival = (await here.arrival(docId))!
  const [one, other] = [
    await fetchArrival(here.dependencies, arrival, signal),
    await fetchArrival(here.dependencies, arrival, signal),
  ]
  t.ok(one)
  t.equal(other, undefined)
  t.equal((await here.arrival(docId))?.packet, one?.packet)
})
