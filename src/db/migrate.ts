import { fileURLToPath } from 'node:url'
import { PG_MIGRATE_LOCK_ID, runner } from 'node-pg-migrate'
import pg from 'pg'
import { appliedMigrations } from './pending-migrations.ts'

/** The advisory lock that is held while migrations run. */
export const MIGRATION_LOCK = PG_MIGRATE_LOCK_ID

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url))

/**
 * Brings the database to this release's schema. Forward only; safe to run by several processes at once (the later
 * ones wait). Returns the names of the migrations that were applied.
 * @param upTo no further than to this many migrations in all: the schema of an earlier release
 */
export async function migrate(databaseUrl: string, upTo?: number): Promise<string[]> {
  const quiet = () => undefined
  const count = upTo === undefined ? undefined : upTo - (await countApplied(databaseUrl))
  if (count !== undefined && count <= 0) return []
  const applied = await runner({
    databaseUrl,
    dir: MIGRATIONS,
    direction: 'up',
    migrationsTable: 'schema_migration',
    advisoryLockMode: 'wait',
    checkOrder: true,
    ...(count !== undefined && { count }),
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
  return applied.map((migration) => migration.name)
}

async function countApplied(connectionString: string): Promise<number> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await appliedMigrations(client)).length
  } finally {
    await client.end()
  }
}
