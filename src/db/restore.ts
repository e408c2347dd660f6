import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from } from 'pg-copy-streams'
import type { SequenceState } from '../domain/backup-manifest.ts'
import { lockMigrations, unlockMigrations } from './migration-lock.ts'
import { withOwnConnection } from './own-connection.ts'
import type { Queryable, Transaction } from './pool.ts'
import { listColumns, type TableColumns } from './table-columns.ts'

/** A database that is being filled, in one transaction: whatever ends it, the database is as empty as before. */
export interface RestoreTransaction {
  readonly db: Transaction
  /** Fills a table with rows as COPY writes them. Answers how many they were. */
  copyIn(table: TableColumns, rows: Readable): Promise<number>
}

/** The migrations bring rows of their own into these. */
const FILLED_BY_MIGRATIONS = ['tier', 'routing_revision']

/** Tables that hold rows which no migration brought, with those that are not of this schema at all. */
export async function listFilledTables(db: Queryable): Promise<string[]> {
  const tables = (await listColumns(db)).filter(({ name }) => !FILLED_BY_MIGRATIONS.includes(name))
  const filled: string[] = []
  for (const { name } of tables) {
    const { rows } = await db.query<{ filled: boolean }>(
      `select exists (select from ${pg.escapeIdentifier(name)}) as filled`,
    )
    if (rows[0]!.filled) filled.push(name)
  }
  return filled
}

/**
 * Runs `work` with the schema bare: without triggers, foreign keys and secondary indexes, which come back afterwards
 * and hold for every row, as pg_restore does it. All in one transaction; migrations wait until it has ended.
 * @throws GatewayError `database-unavailable`; whatever `work` throws
 */
export function inRestore<T>(
  databaseUrl: string,
  work: (restore: RestoreTransaction) => Promise<T>,
): Promise<T> {
  return withOwnConnection(databaseUrl, 'tram-restore', async (client) => {
    // Before the transaction begins: one that waits for a migration would be waited for by it.
    await lockMigrations(client, 'exclusive')
    await client.query('begin')
    await client.query(
      `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
        set local synchronous_commit = on; set local maintenance_work_mem = '128MB'`,
    )
    const dress = await undress(client)
    const result = await work({
      db: client as Queryable as Transaction,
      copyIn: (table, rows) => copyIn(client, table, rows),
    })
    await dress()
    await client.query('commit')
    await unlockMigrations(client, 'exclusive')
    return result
  })
}

async function copyIn(client: pg.Client, { name, columns }: TableColumns, rows: Readable): Promise<number> {
  const list = columns.map(pg.escapeIdentifier).join(', ')
  const copy = client.query(from(`copy ${pg.escapeIdentifier(name)} (${list}) from stdin`))
  await pipeline(rows, copy)
  return copy.rowCount
}

/** How far sequences had come. */
export async function setSequences(db: Transaction, sequences: readonly SequenceState[]): Promise<void> {
  for (const { name, lastValue, isCalled } of sequences)
    await db.query('select setval($1::regclass, $2::bigint, $3)', [
      pg.escapeIdentifier(name),
      lastValue,
      isCalled,
    ])
}

// Statements are made from the catalogue: names and definitions as PostgreSQL itself quotes them.
const FOREIGN_KEYS = `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as off,
    format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as on
  from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace order by conrelid::regclass::text, conname`

const INDEXES = `select format('drop index %s', i.indexrelid::regclass) as off, pg_get_indexdef(i.indexrelid) as on
  from pg_index i join pg_class c on c.oid = i.indexrelid
  where c.relnamespace = 'public'::regnamespace
    and not exists (select from pg_constraint where conindid = i.indexrelid)
    and not exists (select from pg_class t where t.oid = i.indrelid and t.relname = 'schema_migration')
  order by c.relname`

const TRIGGERS = `select format('alter table %s disable trigger user', tgrelid::regclass) as off,
    format('alter table %s enable trigger user', tgrelid::regclass) as on
  from pg_trigger join pg_class c on c.oid = tgrelid
  where not tgisinternal and c.relnamespace = 'public'::regnamespace group by tgrelid order by tgrelid::regclass::text`

/** Takes off what slows or refuses rows that come without their history; answers what puts it on again. */
async function undress(client: pg.Client): Promise<() => Promise<void>> {
  const taken: string[] = []
  for (const kind of [FOREIGN_KEYS, INDEXES, TRIGGERS]) {
    const { rows } = await client.query<{ off: string; on: string }>(kind)
    for (const { off } of rows) await client.query(off)
    taken.push(...rows.map(({ on }) => on))
  }
  for (const table of FILLED_BY_MIGRATIONS) await client.query(`delete from ${pg.escapeIdentifier(table)}`)
  return async () => {
    // Indexes first: foreign keys are checked by joins, and triggers would see the rest as changes.
    for (const statement of taken.toSorted((a, b) => order(a) - order(b))) await client.query(statement)
  }
}

const order = (statement: string): number => {
  if (/^create /i.test(statement)) return 0
  return statement.includes(' add constraint ') ? 1 : 2
}
