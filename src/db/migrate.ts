import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type MigrationBuilder, runner } from 'node-pg-migrate'
import pg from 'pg'
import { lockMigrations } from './migration-lock.ts'
import { stepsOf } from './migration-steps.ts'
import { appliedMigrations } from './pending-migrations.ts'

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url))

export interface MigrateOptions {
  /** Folder of the migrations; this release's where left out. */
  readonly folder?: string
  /** Told each time that somebody else held a lock for too long. */
  readonly onRetry?: (error: Error) => void
}

/**
 * Others who want a table stand in line behind a migration that waits for its lock: it gives up its place soon, and comes
 * again (https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT).
 */
const LOCK_TIMEOUT_MS = 500
const RETRY_AFTER_MS = 1_000
const MOST_RETRIES = 120

const CONCURRENT = /^\s*(create|drop) (unique )?index concurrently\b/i
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Brings the database to this release's schema, beside processes of the release before. Forward only; safe to run by
 * several processes at once (the later ones wait). Returns the names of the migrations that were applied.
 * @param upTo no further than to this many migrations in all: the schema of an earlier release
 * @throws Error where a table stays locked by others for some minutes; what was applied stays, and the rest is for later
 */
export async function migrate(
  databaseUrl: string,
  upTo?: number,
  { folder = MIGRATIONS, onRetry = () => undefined }: MigrateOptions = {},
): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'tram-migrate' })
  await client.connect()
  try {
    await lockMigrations(client, 'exclusive')
    await client.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`)
    const before = await appliedMigrations(client)
    for (let retries = 0; ; retries += 1) {
      try {
        await applyPending(client, folder, upTo)
        break
      } catch (error) {
        if (!isLocked(error) || retries >= MOST_RETRIES) throw error
        await client.query('rollback')
        await client.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`)
        onRetry(error)
        await pause(RETRY_AFTER_MS)
      }
    }
    return (await appliedMigrations(client)).slice(before.length)
  } finally {
    await client.end()
  }
}

async function applyPending(client: pg.Client, folder: string, upTo: number | undefined): Promise<void> {
  const count = upTo === undefined ? undefined : upTo - (await appliedMigrations(client)).length
  if (count !== undefined && count <= 0) return
  const quiet = () => undefined
  await runner({
    dbClient: client,
    dir: folder,
    direction: 'up',
    migrationsTable: 'schema_migration',
    noLock: true,
    checkOrder: true,
    migrationLoaderStrategies: [{ extensions: ['.sql'], loader: (files) => Promise.all(files.map(load)) }],
    ...(count !== undefined && { count }),
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
}

async function load(file: string) {
  const text = await readFile(file, 'utf8')
  const up = async (builder: MigrationBuilder): Promise<void> => {
    const steps = stepsOf(text)
    if (steps === null) return builder.sql(text)
    builder.noTransaction()
    for (const { sql, untilDone } of steps) {
      // Nobody stands in line behind what is done concurrently, which waits for every transaction that began before.
      await builder.db.query(`set lock_timeout = ${CONCURRENT.test(sql) ? 0 : LOCK_TIMEOUT_MS}`)
      while (((await builder.db.query(sql)).rowCount ?? 0) > 0 && untilDone);
    }
  }
  return { id: file, filePaths: [file], actions: { up, down: false as const } }
}

const isLocked = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE
