import type { Transaction } from './pool.ts'

/** Rows a statement: a table that was never cleaned is cleaned in many short steps. */
const MOST = 10_000

/**
 * Removes idempotency keys older than 30 days. A submission that is repeated later still gets its first answer, by its
 * submission key. Returns how many were removed.
 */
export async function removeOldIdempotencyKeys(db: Transaction): Promise<number> {
  const { rowCount } = await db.query(
    `delete from idempotency_key where (client_id, key) in (
        select client_id, key from idempotency_key where created_at < clock_timestamp() - interval '30 days'
        order by created_at limit $1)`,
    [MOST],
  )
  return rowCount ?? 0
}

/** Removes the record of client assertions that ended more than ten minutes ago, and so are refused without it. */
export async function removeExpiredAssertions(db: Transaction): Promise<number> {
  const { rowCount } = await db.query(
    `delete from client_assertion where (client_id, jti) in (
        select client_id, jti from client_assertion where expires_at < clock_timestamp() - interval '10 minutes'
        order by expires_at limit $1)`,
    [MOST],
  )
  return rowCount ?? 0
}
