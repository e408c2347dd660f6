import { readdir } from 'node:fs/promises'
import type { Queryable } from './pool.ts'

const MIGRATIONS = new URL('./migrations/', import.meta.url)

/** The names of this release's migrations, in their order. */
export async function listMigrations(): Promise<string[]> {
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort()
  return files.map((name) => name.slice(0, -'.sql'.length))
}

/** The names of the migrations that the database has had, in their order. */
export async function appliedMigrations(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ exists: boolean }>(
    `select to_regclass('schema_migration') is not null as exists`,
  )
  if (!rows[0]!.exists) return []
  const applied = await db.query<{ name: string }>('select name from schema_migration order by id')
  return applied.rows.map(({ name }) => name)
}

/** The migrations of this release that the database has not had yet. */
export async function pendingMigrations(db: Queryable): Promise<string[]> {
  const applied = new Set(await appliedMigrations(db))
  return (await listMigrations()).filter((name) => !applied.has(name))
}
