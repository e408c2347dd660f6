import type { Pool } from '../../src/db/pool.ts'

/** Deliveries that are not at their end, such as `waiting 12 (oldest 4 s), available 3 (oldest 1 s)`; empty where none is. */
export async function openDeliveries(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ state: string; count: number; seconds: number }>(
    `select state, count(*) as count, max(extract(epoch from clock_timestamp() - state_since))::float8 as seconds
      from delivery where state in ('waiting', 'available', 'handed-over') group by state order by state`,
  )
  return rows
    .map(({ state, count, seconds }) => `${state} ${count} (oldest ${seconds.toFixed(0)} s)`)
    .join(', ')
}
