import t from 'tap'
import { pollRound } from '../../src/connector/poll-round.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { connectTo } from '../support/arrivals.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const [AWAY, HOME] = ['G90', 'H90']
const PACKETS = 12
const gateway = await testGateway(t)
const { pool } = gateway.api
const axis = await FakeAxis.start(t)
const here = await connectTo(t, gateway, axis.url, [HOME])
const { pollSeconds } = here.dependencies.connector

const round = () => pollRound(here.dependencies, new AbortController().signal)

/** A minute of polling: everything that is due is moved towards now by as much, and nothing is made due by itself. */
async function minute() {
  const interval = `${pollSeconds} seconds`
  await pool.query(`update axis_poll set polled_at = polled_at - $1::interval`, [interval])
  await pool.query(
    `update axis_arrival set next_attempt_at = next_attempt_at - $1::interval, listed_at = listed_at - $1::interval`,
    [interval],
  )
  return round()
}

/** Seconds from now until the last of what is to be done is due. */
async function longestWait(): Promise<number> {
  const { rows } = await pool.query<{ seconds: number }>(
    `select extract(epoch from max(next_attempt_at) - clock_timestamp())::float8 as seconds from axis_arrival
      where state in ('listed', 'fetched') or not told`,
  )
  return rows[0]!.seconds
}

t.test(
  'an exchange goes while its packets are fetched, for an hour: the first poll brings them',
  async (t) => {
    const ids = await Promise.all(
      Array.from({ length: PACKETS }, async (_, index) => {
        const documentId = `${AWAY},2026/11/20,${index}/BTN-VP`
        return axis.offer(await documentPacket({ from: AWAY, to: [HOME], documentId }), AWAY, HOME)
      }),
    )
    // Listed, and then it is gone.
    axis.plan.command('getEdoc', ...Array.from({ length: PACKETS }, () => 'reset-before' as const))
    t.match(await minute(), { listed: PACKETS, accepted: 0 })
    axis.close()
    for (let minutes = 0; minutes < 60; minutes += 1) {
      t.match(await minute(), { listed: 0, fetched: 0, refused: 0, accepted: 0 })
      // Between two polls there are rounds for what is due by itself.
      t.match(await round(), { listed: 0, fetched: 0, refused: 0, accepted: 0 })
    }
    const arrivals = await here.arrivals()
    t.equal(arrivals.filter(({ state }) => state === 'listed').length, PACKETS, 'nothing is given up')
    t.equal(here.warnings.filter((one) => one.includes('cannot be read')).length, 1, 'told once')
    const wait = await longestWait()
    t.ok(wait > pollSeconds, `by their own waits they would sleep for ${Math.round(wait)} s more`)

    axis.plan.clear()
    await axis.open()
    t.match(await minute(), { accepted: PACKETS, told: PACKETS, refused: 0 }, 'at the first poll')
    for (const id of ids) t.equal(axis.store.held.get(id)?.status, 'done')
    const { rows } = await pool.query(`select count(distinct document_id) as count from axis_arrival`)
    t.match(rows, [{ count: PACKETS }])
  },
)
