import { asLeader } from '../db/leader.ts'
import { countForgotten, queueDue, requeueForgotten } from '../db/outbox.ts'
import type { Pool } from '../db/pool.ts'
import type { DeliverQueues } from '../queue/deliver-queues.ts'

/** Seconds after which a delivery that the queue was told of, and nobody works on, may have been forgotten. */
const PATIENCE_SECONDS = 15
const BATCH = 5_000

/**
 * Finds deliveries that are due and that the queue does not know: retries whose time has come, what a dead worker left
 * behind, and whatever the queue lost. Where the queue of a tier holds as many jobs as seem forgotten it is only slow,
 * and is left alone. Returns how many were put into the outbox; undefined where another process is at it.
 */
export function reconcile(pool: Pool, queues: DeliverQueues): Promise<number | undefined> {
  return asLeader(pool, 'reconcile', async (db) => {
    let queued = await queueDue(db, BATCH)
    for (const [tier, forgotten] of await countForgotten(db, PATIENCE_SECONDS)) {
      const depth = await queues.depth(tier).catch(() => 0)
      if (depth < forgotten) queued += await requeueForgotten(db, tier, PATIENCE_SECONDS, BATCH)
    }
    return queued
  })
}
