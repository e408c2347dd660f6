import t from 'tap'
import { countForgotten, queueDue, requeueForgotten, tiersToFeed } from '../../src/db/outbox.ts'
import type { Transaction } from '../../src/db/pool.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const WAITING = 5_000
/** The one that was sent is in no index any more, but for its old version. */
const FEW = 5
const PATIENCE = { least: 15, most: 300 }
const { api, submit } = await testGateway(t)

/** Copies of a delivery of which the queue is told nothing, all due: a circular to inboxes here. */
t.before(async () => {
  const documentId = 'G90,2026/11/20,1/BTN-VP'
  await submit('G90', await documentPacket({ from: 'G90', to: ['H90'], documentId }))
  await api.pool.query("update delivery set state = 'available', next_attempt_at = null, inbox_number = 1")
  await api.pool.query('delete from outbox')
  await api.pool.query(
    `insert into agency (code) select 'H90.' || n from generate_series(10001, 10000 + ${WAITING}) as n`,
  )
  await api.pool.query(
    `insert into delivery (id, document_id, kind, recipient_code, tier, urgency, channel, route, next_attempt_at)
      select gen_random_uuid(), document.id, 'document', 'H90.' || n, 'commune', 0, 'mailbox', '{}', clock_timestamp()
      from document, generate_series(10001, 10000 + ${WAITING}) as n`,
  )
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
  t.ok((await readFor((db) => queueDue(db, 10))) <= 40, 'in the order of the index, not sorted')
})
