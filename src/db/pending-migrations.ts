import { readdir } from 'node:fs/promises'
import type { Queryable } from './pool.ts'

const MIGRATIONS = new URL('./migrations/', import.meta.url)

/** The migrations of this release that the database has not had yet. */
export async function pendingMigrations(db: Queryable): Promise<string[]> {
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort()
  const names = files.map((name) => name.slice(0, -'.sql'.length))
  const { rows } = await db.query<{ exists: boolean }>(
    `select to_regclass('schema_migration') is not null as exists`,
  )
  if (!rows[0]!.exists) return names
  const applied = await db.query<{ name: string }>('select name from schema_migration')
  return names.filter((name) => !applied.rows.some((row) => row.name === name))
}
