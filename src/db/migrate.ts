import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url))

/**
 * Brings the database to this release's schema. Forward only; safe to run by several processes at once (the later
 * ones wait). Returns the names of the migrations that were applied.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const quiet = () => undefined
  const applied = await runner({
    databaseUrl,
    dir: MIGRATIONS,
    direction: 'up',
    migrationsTable: 'schema_migration',
    advisoryLockMode: 'wait',
    checkOrder: true,
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
  return applied.map((migration) => migration.name)
}
