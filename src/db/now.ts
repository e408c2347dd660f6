import type { Queryable } from './pool.ts'

/** The present instant by the database's clock, the only clock whose readings are compared. */
export async function databaseNow(db: Queryable): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>({ name: 'now', text: 'select clock_timestamp() as now' })
  return rows[0]!.now
}
