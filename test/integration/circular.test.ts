import t from 'tap'
import { takeOutbox } from '../../src/db/outbox.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { deliverLocally } from '../../src/delivery/deliver-locally.ts'
import { feedQueue } from '../../src/delivery/feed-queue.ts'
import { agencyCode, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { agencyFacts, recordFacts } from '../support/record-facts.ts'
import { watchStatements } from '../support/watch-statements.ts'

const MINISTRY = 'G90'
const GROUP = agencyCode('NHOM.MOI-XA')
const RECIPIENTS = 11_000
/** A group of more members than one statement writes, for what does not depend on how many there are. */
const SMALLER = agencyCode('NHOM.MOT-PHAN')
const SMALLER_MEMBERS = 2_400

const gateway = await testGateway(t)
const { pool, registry } = gateway.api

const codes = Array.from({ length: RECIPIENTS }, (_, index) => `H90.${10_000 + index}`)
await recordFacts(
  pool,
  codes.flatMap((code) => agencyFacts({ code, name: `Xã số ${code}`, parent: 'H90' })),
)
await recordFacts(pool, [
  {
    subject: GROUP,
    kind: 'group',
    value: { name: 'Mọi xã của tỉnh', members: { under: agencyCode('H90'), tier: 'commune' } },
    validFrom: '2020-01-01',
    validTo: null,
  },
  {
    subject: SMALLER,
    kind: 'group',
    value: {
      name: 'Một phần các xã',
      members: { codes: codes.slice(0, SMALLER_MEMBERS).map((code) => agencyCode(code)) },
    },
    validFrom: '2020-01-01',
    validTo: null,
  },
])
await registry.upToDate(pool)
/** The two communes of every test gateway belong to the group as well. */
const MEMBERS = RECIPIENTS + 2

const count = async (text: string, values: unknown[] = []): Promise<number> =>
  (await pool.query<{ n: number }>(`select count(*)::integer as n from ${text}`, values)).rows[0]!.n
const NOT_OF_ITS_DOCUMENT = `delivery join document on document.id = delivery.document_id
  where delivery.accepted_at is distinct from document.accepted_at`
const ms = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
  const start = performance.now()
  return [await work(), performance.now() - start]
}
let serial = 0
const newId = () => {
  serial += 1
  return `${MINISTRY},2026/11/20,${serial}/BTN-VP`
}
const circular = (to: readonly string[], documentId: string, facts: object = {}) =>
  documentPacket({ from: MINISTRY, to, documentId, ...facts })

t.test('a circular to a group is accepted at once and as a whole, and recalled right after', async (t) => {
  const documentId = newId()
  const packet = await circular([GROUP], documentId)
  const statements = watchStatements(t, pool)
  const [{ claims }, took] = await ms(() => gateway.submit(MINISTRY, packet))
  t.comment(
    `${MEMBERS} recipients by a group: accepted in ${took.toFixed(0)} ms, ${statements.length} statements`,
  )
  t.ok(statements.length < 100, 'not one by one')
  t.equal(claims.recipients.length, MEMBERS)
  t.equal(await count('delivery where document_id = $1', [claims.document]), MEMBERS)
  t.equal(await count(NOT_OF_ITS_DOCUMENT), 0, 'each part of it is dated as the document is')
  t.equal(await count('outbox'), 0, 'the queue is fed later')
  const { rows } = await pool.query<{ size: number }>(
    `select length(detail::text) as size from audit_event where document_id = $1 and kind = 'submission-accepted'`,
    [claims.document],
  )
  t.ok(rows[0]!.size < 5_000, 'the event stays a line')

  const recall = await circular([GROUP], documentId, {
    business: { operation: 'recall', documentId: edxmlDocumentId(documentId), reason: 'Nhầm' },
  })
  const [recalled, recallTook] = await ms(() => gateway.submit(MINISTRY, recall))
  t.comment(`recalled in ${recallTook.toFixed(0)} ms`)
  t.equal(recalled.claims.withdrawn.length, MEMBERS)
  t.equal(await count(`delivery where document_id = $1 and state <> 'withdrawn'`, [claims.document]), 0)
})

t.test('what is urgent goes to the queue before a circular, which is fed in batches', async (t) => {
  const { claims } = await gateway.submit(MINISTRY, await circular([SMALLER], newId()))
  await pool.query(`update delivery set channel = 'https-push' where document_id = $1`, [claims.document])
  const idle = { waiting: async () => 0 }
  t.equal(await feedQueue(pool, idle), 500, 'one batch for the tier')
  const urgent = await gateway.submit(MINISTRY, await circular(['H90.31'], newId(), { priority: 3 }))
  await pool.query('update outbox set is_local = false')
  const first = await inTransaction(pool, (db) => takeOutbox(db, 1))
  t.same(
    first.map(({ delivery }) => delivery),
    urgent.claims.recipients.map(({ delivery }) => delivery),
  )
  t.equal(
    await feedQueue(pool, { waiting: async () => 1_000 }),
    0,
    'a queue that has enough to do is left alone',
  )
  t.equal(await feedQueue(pool, { waiting: () => Promise.reject(new Error('away')) }), 0)
  let fed = 500
  for (let round = await feedQueue(pool, idle); round > 0; round = await feedQueue(pool, idle)) fed += round
  t.equal(fed, SMALLER_MEMBERS, 'everything once')
  const { rows } = await pool.query<{ n: number }>(
    `select count(distinct delivery_id)::integer as n from outbox
      where delivery_id in (select id from delivery where document_id = $1)`,
    [claims.document],
  )
  t.equal(rows[0]!.n, SMALLER_MEMBERS)
})

t.test(
  'a circular to inboxes here needs no queue, and what is accepted meanwhile is not behind it',
  async (t) => {
    const { claims } = await gateway.submit(MINISTRY, await circular([SMALLER], newId()))
    t.equal(await feedQueue(pool, { waiting: async () => 0 }), 0, 'the queue is not told')
    const { claims: letter } = await gateway.submit(MINISTRY, await circular(['H90.31'], newId()))
    t.match(await deliverLocally(gateway.worker, 'outbox', ['commune']), { delivered: 1 })
    const stateOf = 'delivery where document_id = $1 and state = $2 and inbox_number is not null'
    t.equal(await count(stateOf, [letter.document, 'available']), 1)
    t.equal(await count(stateOf, [claims.document, 'available']), 0)
    const [, took] = await ms(() => deliverLocally(gateway.worker, 'due', ['commune']))
    t.comment(`${SMALLER_MEMBERS} inboxes in ${took.toFixed(0)} ms`)
    t.equal(await count(stateOf, [claims.document, 'available']), SMALLER_MEMBERS)
  },
)

t.test('a circular that names each recipient is accepted as well', async (t) => {
  const packet = await circular(codes, newId())
  const [{ claims }, took] = await ms(() => gateway.submit(MINISTRY, packet))
  t.comment(`${codes.length} To elements, ${packet.length} bytes: accepted in ${took.toFixed(0)} ms`)
  t.equal(claims.recipients.length, codes.length)
  t.equal(claims.recipients[0]?.addressedAs, undefined, 'named as they are')
})

t.test('where anything fails, nobody was sent it', async (t) => {
  const documentId = newId()
  await pool.query(
    `alter table delivery add constraint no_such_recipient check (recipient_code <> '${codes.at(SMALLER_MEMBERS - 10)}') not valid`,
  )
  t.teardown(() => pool.query('alter table delivery drop constraint no_such_recipient'))
  const before = await count('delivery')
  await t.rejects(gateway.submit(MINISTRY, await circular([SMALLER], documentId)))
  t.equal(await count('delivery'), before)
  t.equal(await count('document where edxml_document_id = $1', [documentId]), 0)
})
