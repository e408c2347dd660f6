import t from 'tap'
import { fetchArrival } from '../../src/connector/fetch-arrival.ts'
import { pollLists } from '../../src/connector/poll-lists.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { connectTo } from '../support/arrivals.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

// A process may die when a packet is taken in, and before that is noted of its arrival: it is handed in once more.

const [AWAY, HOME] = ['G90', 'H90'] as const
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

t.test('in the bytes in which the same came another way before', async (t) => {
  const packet = await documentPacket({ from: AWAY, to: [HOME], documentId: `${AWAY},2026/11/20,1/BTN-VP` })
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
  const { rowCount } = await pool.query('select from delivery where document_id = $1', [claims.document])
  t.equal(rowCount, 1)
})

t.test('two processes fetch the same packet: what was kept first is handed in', async (t) => {
  const packet = await documentPacket({ from: AWAY, to: [HOME], documentId: `${AWAY},2026/11/20,2/BTN-VP` })
  const docId = axis.offer(packet, AWAY, HOME)
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
