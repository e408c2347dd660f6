import pg from 'pg'
import t from 'tap'
import { lockMigrations, unlockMigrations } from '../../src/db/migration-lock.ts'
import { inRestore } from '../../src/db/restore.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { waitFor } from '../support/wait-for.ts'

const { url } = await createTestDatabase(t)

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

const migrating = await connect()
const watching = await connect()

/** What the restoration asked last. */
const asked = async (): Promise<string | undefined> =>
  (
    await watching.query<{ query: string }>(
      `select query from pg_stat_activity
        where datname = current_database() and application_name = 'tram-restore' and query <> ''`,
    )
  ).rows[0]?.query

t.test('a restoration waits for migrations, which build their indexes meanwhile', async (t) => {
  await lockMigrations(migrating, 'exclusive')
  let begun = false
  const restoring = inRestore(url, async () => {
    begun = true
  })
  await waitFor(async () => (await asked()) !== undefined, 10_000)
  // It would wait for whoever waits for a lock within a transaction.
  await migrating.query(`set statement_timeout = '10s'`)
  await migrating.query('create index concurrently built_meanwhile on audit_event (at)')
  t.notOk(begun)
  await unlockMigrations(migrating, 'exclusive')
  await restoring
  t.ok(begun)
  await lockMigrations(migrating, 'exclusive')
  await unlockMigrations(migrating, 'exclusive')
})

t.test('no migration begins while something is restored, and one does where that fails', async (t) => {
  const isFree = async () =>
    (
      await watching.query<{ free: boolean }>(`select not exists (select from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())) as free`)
    ).rows[0]!.free
  await t.rejects(
    inRestore(url, async () => {
      t.notOk(await isFree())
      throw new Error('the backup is spoilt')
    }),
    { message: 'the backup is spoilt' },
  )
  await waitFor(isFree, 10_000)
  const { rows } = await watching.query(`select to_regclass('built_meanwhile') is not null as dressed`)
  t.strictSame(rows, [{ dressed: true }])
})
