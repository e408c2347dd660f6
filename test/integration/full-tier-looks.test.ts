import t from 'tap'
import { deliverDueLocally } from '../../src/db/local-deliveries.ts'
import {
  countForgotten,
  queueDue,
  queueDueOfTier,
  requeueForgotten,
  tiersToFeed,
} from '../../src/db/outbox.ts'
import type { Transaction } from '../../src/db/pool.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const WAITING = 20_000
/** The one that was sent is in no index any more, but for its old version. */
const FEW = 5
/** Of ten that are moved on: each is found, locked, written, and looked up for what is written of it. */
const MOST = 150
const PATIENCE = { least: 15, most: 300 }
const { api, submit } = await testGateway(t)

/** Many documents to few recipients here, all due, and the queue is told of none: copies of one that was sent. */
t.before(async () => {
  const documentId = 'G90,2026/11/20,1/BTN-VP'
  await submit('G90', await documentPacket({ from: 'G90', to: ['H90'], documentId }))
  await api.pool.query("update delivery set state = 'available', next_attempt_at = null, inbox_number = 1")
  await api.pool.query("insert into inbox (agency_code, last_number) values ('H90', 1)")
  await api.pool.query('delete from outbox')
  await api.pool.query(
    `with copies as (select gen_random_uuid() as id, n from generate_series(1, ${WAITING}) as n),
      documents as (
        insert into document select (jsonb_populate_record(one, jsonb_build_object(
          'id', copies.id, 'submission_key', 'copy ' || n))).* from document as one, copies)
      insert into delivery (id, document_id, kind, recipient_code, tier, urgency, channel, route, next_attempt_at)
      select gen_random_uuid(), id, 'document', case when n % 2 = 0 then 'H90.31' else 'H90' end, 'commune', 0, 'mailbox', '{}',
        clock_timestamp() from copies`,
  )
  // What a server knows that has had the time to look: that very many wait. At tables that stay empty it never looks.
  await api.pool.query('analyze delivery')
})

/** How many deliveries the database reads for one look. */
async function readFor(look: (db: Transaction) => Promise<unknown>): Promise<number> {
  return inTransaction(api.pool, async (db) => {
    await look(db)
    const { rows } = await db.query<{ read: number }>(
      "select (seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as read from pg_stat_xact_user_tables where relname = 'delivery'",
    )
    return rows[0]!.read
  })
}

t.test('what looks for work of the queue does not read what waits for inboxes here', async (t) => {
  t.ok((await readFor((db) => tiersToFeed(db))) <= FEW)
  t.ok((await readFor((db) => countForgotten(db, PATIENCE))) <= FEW)
  t.ok((await readFor((db) => requeueForgotten(db, 'commune', PATIENCE, 100))) <= FEW)
})

t.test('where the queue is told of a few, a few are read', async (t) => {
  t.ok((await readFor((db) => queueDue(db, 10))) <= MOST, 'in the order of the index, not sorted')
})

t.test('where a few are put into inboxes, a few are read', async (t) => {
  const round = { worker: 'worker:test', tiers: ['central', 'commune'], limit: 10 }
  t.ok((await readFor((db) => deliverDueLocally(db, round))) <= MOST)
  t.ok((await readFor((db) => deliverDueLocally(db, round))) <= MOST, 'nor what was put there before')
})

t.test('what a dead worker left is found among them', async (t) => {
  const { rows } = await api.pool.query<{ id: string }>(
    `update delivery set lease_until = clock_timestamp() - interval '1 s', lease_epoch = 1
      where id = (select id from delivery where state = 'waiting' and enqueued_at is null limit 1) returning id`,
  )
  t.same(await tiersToFeed(api.pool), ['commune'])
  t.equal(await inTransaction(api.pool, (db) => queueDueOfTier(db, 'commune', 10)), 1)
  t.same(await tiersToFeed(api.pool), [])
  const told = await api.pool.query('select is_local from outbox where delivery_id = $1', [rows[0]!.id])
  t.same(told.rows, [{ is_local: false }])
})
