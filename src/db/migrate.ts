import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type MigrationBuilder, runner } from 'node-pg-migrate'
import pg from 'pg'
import { LOCK_TIMEOUT, makeSteps } from './make-steps.ts'
import { lockMigrations } from './migration-lock.ts'
import { untilUnlocked } from './migration-retries.ts'
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
    const before = await appliedMigrations(client)
    // A file in one transaction is made again as a whole.
    await untilUnlocked(
      () => applyPending(client, folder, upTo, onRetry),
      async (error) => {
        await client.query('rollback')
        onRetry(error)
      },
    )
    return (await appliedMigrations(client)).slice(before.length)
  } finally {
    await client.end()
  }
}

async function applyPending(
  client: pg.Client,
  folder: string,
  upTo: number | undefined,
  onRetry: (error: Error) => void,
): Promise<void> {
  const count = upTo === undefined ? undefined : upTo - (await appliedMigrations(client)).length
  if (count !== undefined && count <= 0) return
  await client.query(LOCK_TIMEOUT)
  const quiet = () => undefined
  const loader = (files: string[]) => Promise.all(files.map((file) => load(file, onRetry)))
  await runner({
    dbClient: client,
    dir: folder,
    direction: 'up',
    migrationsTable: 'schema_migration',
    noLock: true,
    checkOrder: true,
    migrationLoaderStrategies: [{ extensions: ['.sql'], loader }],
    ...(count !== undefined && { count }),
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
}

async function load(file: string, onRetry: (error: Error) => void) {
  const text = await readFile(file, 'utf8')
  const up = async (builder: MigrationBuilder): Promise<void> => {
    const steps = stepsOf(text)
    if (steps === null) return builder.sql(text)
    builder.noTransaction()
    await makeSteps(builder.db, steps, onRetry)
    await builder.db.query(LOCK_TIMEOUT)
  }
  return { id: file, filePaths: [file], actions: { up, down: false as const } }
}
