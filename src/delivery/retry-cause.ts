import { type CauseToRetry, restartCause } from '../db/failure-causes.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Caller } from '../domain/caller.ts'
import { recordDelivery } from './record-delivery.ts'

/** Deliveries a transaction, and the most of one call. */
const BATCH = 500
const MOST = 20_000

export interface RetriedCause {
  readonly retried: number
  /** Whether some are left: the same call goes on. */
  readonly more: boolean
}

/** Lets deliveries that were given up for one cause begin anew, each with an event of its own. */
export async function retryCause(
  pool: Pool,
  author: Pick<Caller, 'clientId'>,
  wanted: CauseToRetry,
): Promise<RetriedCause> {
  for (let retried = 0; ; ) {
    const batch = await inTransaction(pool, async (db) => {
      const failed = await restartCause(db, wanted, BATCH)
      const events = failed.map((delivery) => ({
        delivery,
        kind: 'delivery-retried' as const,
        detail: {
          cause: wanted.cause,
          before: { state: delivery.state, attempts: delivery.attempts, reason: delivery.reason },
          after: { state: 'waiting', attempts: 0 },
        },
      }))
      await recordDelivery(db, author.clientId, events)
      return failed.length
    })
    retried += batch
    if (batch < BATCH) return { retried, more: false }
    if (retried >= MOST) return { retried, more: true }
  }
}
