import { asLeader } from '../db/leader.ts'
import { countForgotten, queueDue, requeueForgotten } from '../db/outbox.ts'
import type { Pool } from '../db/pool.ts'
import type { DeliverQueues } from '../queue/deliver-queues.ts'

/** Seconds after which a delivery that the queue was told of, and nobody works on, may have been forgotten. */
const PATIENCE_SECONDS = 15
const BATCH = 5_000
/** How many are told again where the queue seems to be merely slow: it may have lost or mislaid these few all the same. */
const SAMPLE = 25

/**
 * Finds deliveries that are due and that the queue does not know: retries whose time has come, what a dead worker left
 * behind, and whatever the queue lost. A job too many costs a look into the database, so where the queue holds as many as
 * seem forgotten only a sample is told again; a queue that does not answer is not told at all. Returns how many were put
 * into the outbox; undefined where another process is at it.
 */
export function reconcile(pool: Pool, queues: DeliverQueues): Promise<number | undefined> {
  return asLeader(pool, 'reconcile', async (db) => {
    let queued = await queueDue(db, BATCH)
    const forgotten = [...(await countForgotten(db, PATIENCE_SECONDS))]
    const depths = await Promise.all(forgotten.map(([tier]) => queues.depth(tier).catch(() => undefined)))
    for (const [index, [tier, count]] of forgotten.entries()) {
      const depth = depths[index]
      if (depth === undefined) continue
      queued += await requeueForgotten(db, tier, PATIENCE_SECONDS, depth < count ? BATCH : SAMPLE)
    }
    return queued
  })
}
