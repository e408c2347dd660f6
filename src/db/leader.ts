import type { Pool, Transaction } from './pool.ts'
import { inTransaction } from './transaction.ts'

/** One lock for each job that only one process may do at a time. Stable numbers: they are shared across releases. */
export const LEADER_LOCKS = {
  reconcile: 7_001,
  housekeeping: 7_002,
  'in-flight': 7_003,
} as const

/**
 * Does one round of a leader's work, in a transaction that holds the job's advisory lock. Returns undefined where
 * another process is at it. A leader that dies loses its lock with its connection; one that hangs loses it after ten
 * seconds of silence.
 */
export function asLeader<T>(
  pool: Pool,
  job: keyof typeof LEADER_LOCKS,
  work: (db: Transaction) => Promise<T>,
): Promise<T | undefined> {
  return inTransaction(pool, async (db) => {
    await db.query(`set local idle_in_transaction_session_timeout = '10s'`)
    const { rows } = await db.query<{ held: boolean }>('select pg_try_advisory_xact_lock($1) as held', [
      LEADER_LOCKS[job],
    ])
    return rows[0]!.held ? work(db) : undefined
  })
}
