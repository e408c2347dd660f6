import t from 'tap'
import { listInbox } from '../../src/db/inbox.ts'
import { quickReads } from '../../src/db/quick-reads.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const OTHERS = 100_000
const gateway = await testGateway(t)
const { pool } = gateway.api
const agency = agencyCode('H91')

/** Many open deliveries like that of the one document, of the other kind. What they deliver is not looked at: it is left out. */
const MANY = `insert into delivery select made.* from delivery cross join generate_series(1, $1::integer) as n
  cross join lateral jsonb_populate_record(delivery, jsonb_build_object('id', gen_random_uuid(),
    'document_id', gen_random_uuid(), 'kind', 'status', 'inbox_number', 3 + n)) as made
  where delivery.inbox_number = 1`

async function fill(): Promise<void> {
  const client = await pool.connect()
  // Without foreign keys.
  await client.query('set session_replication_role = replica')
  await client.query(MANY, [OTHERS])
  await client.query('reset session_replication_role')
  client.release()
  await pool.query('vacuum analyze delivery')
}

const ask = async (kind: 'document' | 'status', after = 0) => {
  const at = performance.now()
  const items = await listInbox(pool, { agency, after, limit: 100, kind })
  return { numbers: items.map(({ number }) => number), ms: performance.now() - at }
}

/** Others use this machine, too: the least is looked at. */
async function fiveTimes(work: () => Promise<number>): Promise<number[]> {
  const times: number[] = []
  for (let turn = 0; turn < 5; turn++) times.push(await work())
  return times
}

const quickest = async (kind: 'document' | 'status', numbers: readonly number[]): Promise<number> =>
  Math.min(
    ...(await fiveTimes(async () => {
      const answer = await ask(kind)
      t.same(answer.numbers, numbers)
      return answer.ms
    })),
  )

async function short(): Promise<number> {
  const at = performance.now()
  await quickReads(pool).query('select')
  return performance.now() - at
}

t.test('few of one kind are found quickly among very many of the other, and so are very many', async (t) => {
  const packets = await Promise.all(
    [1, 2, 3].map((number) =>
      documentPacket({ from: 'G90', to: ['H91'], documentId: `G90,2026/11/20,${number}/BTN-VP` }),
    ),
  )
  for (const packet of packets) await gateway.submit('G90', packet)
  await gateway.deliverDue()
  await fill()
  const few = await quickest('document', [1, 2, 3])
  t.ok(few < 50, `three of ${OTHERS} in ${few.toFixed(1)} ms`)
  t.same((await ask('document', 2)).numbers, [3])
  const beside = Math.min(...(await fiveTimes(async () => (await Promise.all([short(), ask('status')]))[0])))
  t.ok(beside < 50, `a short question beside it: ${beside.toFixed(1)} ms`)
  // Those behind the first three are many, and have no documents: the one with a document stands behind them all.
  await pool.query(`update delivery set kind = 'status', inbox_number = 900000 where inbox_number = 3`)
  const many = await quickest('status', [])
  t.ok(many < 50, `the first of very many in ${many.toFixed(1)} ms`)
  t.same((await ask('status', 899_999)).numbers, [900_000])
})
