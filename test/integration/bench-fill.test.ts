import t from 'tap'
import { fill, likeIdOf } from '../../scripts/bench/load/fill.ts'
import { QUESTIONS } from '../../scripts/bench/load/search-questions.ts'
import { listDeliveries } from '../../src/db/deliveries.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { acknowledge, handOver } from '../../src/receipts/hand-over.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const ORIGINALS = ['G90', 'H91', 'H91'] as const
const LIKES = 24

for (const [index, from] of ORIGINALS.entries()) {
  const packet = await documentPacket({ from, to: ['H90'], documentId: `original ${index}` })
  const { claims } = await gateway.submit(from, packet)
  await gateway.deliverDue()
  for (const { key } of await listDeliveries(pool, claims.document)) {
    const agency = agencyCode('H90')
    const own = { caller: callerOf('H90'), agency, delivery: key, claimToken: null }
    await handOver(pool, own)
    await acknowledge(pool, own)
  }
}

const step = (from: number, likes: number) =>
  fill(gateway.api.config.databaseUrl, from, likes, () => undefined)

t.test('likes are filled in by steps, each under the DocumentId that can be asked for', async (t) => {
  await step(0, 10)
  const filled = await step(10, LIKES)
  t.equal(filled.likes, LIKES)
  const { rows } = await pool.query<{ id: string; sender: string }>(
    `select edxml_document_id as id, sender_code as sender from document where submission_key like 'like %'`,
  )
  const expected = Array.from({ length: LIKES }, (_, index) => likeIdOf(filled, index + 1))
  t.same(rows.map(({ id }) => id).sort(), expected.sort())
  t.same(new Set(rows.map(({ sender }) => sender)), new Set(ORIGINALS))
  for (const { id, sender } of rows) t.ok(id.startsWith(`${sender},`))
})

t.test(
  "the question for the sender's DocumentId names one that is there, the first and the last",
  async (t) => {
    const filled = await step(LIKES, LIKES)
    const question = QUESTIONS["the sender's DocumentId"]!
    for (const drawn of [0, 0.5, 1 - Number.EPSILON]) {
      const { edxmlDocumentId } = question.query(() => drawn, filled)
      const { rowCount } = await pool.query('select from document where edxml_document_id = $1', [
        edxmlDocumentId,
      ])
      t.equal(rowCount, question.finds, String(edxmlDocumentId))
    }
  },
)

t.test(
  'indexes of words are there again, and nothing is to be like where nothing went its way',
  async (t) => {
    const { rowCount } = await pool.query(
      `select from pg_indexes where tablename = 'document' and indexdef like '%USING gin%'`,
    )
    t.ok(rowCount)
    const empty = await testGateway(t)
    await t.rejects(
      fill(empty.api.config.databaseUrl, 0, 5, () => undefined),
      /nothing to be like/,
    )
  },
)
