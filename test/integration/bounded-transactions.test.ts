import t from 'tap'
import { waitedForLock } from '../../src/db/errors.ts'
import { createPool } from '../../src/db/pool.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { waitFor } from '../support/wait-for.ts'

const { url } = await createTestDatabase(t)
const pool = createPool({ databaseUrl: url, max: 4, applicationName: 'bounds', onError: () => undefined })
t.teardown(() => pool.end())
await pool.query('create table held (id integer primary key)')
await pool.query('insert into held values (1)')

const LOCK = 'select id from held where id = 1 for update'

t.test('a transaction that stands still loses its locks, and learns it', async (t) => {
  let [isHeld, isOver] = [false, false]
  const frozen = inTransaction(
    pool,
    async (db) => {
      await db.query(LOCK)
      isHeld = true
      await waitFor(() => isOver)
      await db.query('select')
    },
    { idleTimeoutMs: 1_000 },
  )
  const lost = t.rejects(frozen, { code: 'database-unavailable' })
  await waitFor(() => isHeld)
  const at = performance.now()
  await pool.query(LOCK)
  t.ok(performance.now() - at < 3_000)
  isOver = true
  await lost
  t.equal(
    (await pool.query('show idle_in_transaction_session_timeout')).rows[0]
      .idle_in_transaction_session_timeout,
    '30s',
  )
})

t.test('a lock is waited for as long as is said, and by who does not say so until it is had', async (t) => {
  const holder = await pool.connect()
  await holder.query('begin')
  await holder.query(LOCK)
  const patient = inTransaction(pool, (db) => db.query(LOCK))
  const hasty = inTransaction(pool, (db) => db.query(LOCK), { lockTimeoutMs: 50, durable: true })
  const error = await hasty.catch((one: unknown) => one)
  t.match(error, { code: 'database-unavailable' })
  t.ok(waitedForLock(error))
  await holder.query('rollback')
  holder.release()
  t.equal((await patient).rowCount, 1)
  t.notOk(waitedForLock(new Error('another')))
})
