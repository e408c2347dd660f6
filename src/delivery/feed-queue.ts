import { queueDueOfTier, tiersToFeed } from '../db/outbox.ts'
import type { Pool } from '../db/pool.ts'
import { BRIEF, inTransaction } from '../db/transaction.ts'
import type { DeliverQueues } from '../queue/deliver-queues.ts'
import { passStep } from '../step.ts'

/** How many are told at a time: an urgent document waits for no more than one such batch in the relay. */
const BATCH = 500
/** Jobs of a tier that may wait in the queue before more of its circulars is fed to it. */
const MOST_WAITING = 1_000

/**
 * Puts deliveries that are due, and of which the queue was not told, into the outbox: those of circulars, and retries.
 * A tier whose queue has enough to do, or does not answer, is left for later. Returns how many were put there.
 */
export async function feedQueue(pool: Pool, queues: Pick<DeliverQueues, 'waiting'>): Promise<number> {
  let fed = 0
  for (const tier of await tiersToFeed(pool)) {
    const waiting = await queues.waiting(tier).catch(() => MOST_WAITING)
    const limit = Math.min(BATCH, MOST_WAITING - waiting)
    if (limit <= 0) continue
    fed += await inTransaction(
      pool,
      async (db) => {
        const queued = await queueDueOfTier(db, tier, limit)
        passStep('feed-written')
        return queued
      },
      BRIEF,
    )
  }
  return fed
}
