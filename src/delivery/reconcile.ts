import { asLeader } from '../db/leader.ts'
import { countForgotten, type DueOfTier, type Patience, queueDue, requeueForgotten } from '../db/outbox.ts'
import type { Pool } from '../db/pool.ts'
import type { DeliverQueues } from '../queue/deliver-queues.ts'
import { passStep } from '../step.ts'

export const PATIENCE: Patience = { least: 15, most: 300 }
const BATCH = 5_000
/** Deliveries that have become due are fed to the queue by `feedQueue`; these are told where it cannot. */
const DUE_BATCH = 500
/** How many are told again where the queue seems to be merely slow: it may have lost or mislaid these few all the same. */
const SAMPLE = 25
/** How many jobs more than there are deliveries due the queue may hold: beyond that nothing can be lost that matters yet. */
const SLACK = 100

/**
 * Finds deliveries that are due and that the queue does not know: retries whose time has come, what a dead worker left
 * behind, and whatever the queue lost. A job too many costs a look into the database, so where the queue holds as many as
 * seem forgotten only a sample is told again, and where it holds more than are due, nothing: nobody consumes it. A queue
 * that does not answer is not told at all; no lock is held while it is asked. Returns how many were put into the outbox;
 * undefined where another process is at it.
 */
export async function reconcile(pool: Pool, queues: DeliverQueues): Promise<number | undefined> {
  const found = await asLeader(pool, 'reconcile', async (db) => {
    const queued = await queueDue(db, DUE_BATCH)
    const tiers = await countForgotten(db, PATIENCE)
    passStep('reconcile-written')
    return { queued, tiers }
  })
  if (found === undefined) return undefined
  const limits = await Promise.all(found.tiers.map((tier) => limitOf(tier, queues)))
  if (limits.every((limit) => limit <= 0)) return found.queued
  const told = await asLeader(pool, 'reconcile', async (db) => {
    let again = 0
    for (const [index, { tier }] of found.tiers.entries()) {
      const limit = limits[index] ?? 0
      if (limit > 0) again += await requeueForgotten(db, tier, PATIENCE, limit)
    }
    passStep('reconcile-written')
    return again
  })
  return found.queued + (told ?? 0)
}

/** How many forgotten deliveries of a tier may be told again. */
async function limitOf(tier: DueOfTier, queues: DeliverQueues): Promise<number> {
  const depth = await queues.depth(tier.tier).catch(() => undefined)
  return depth === undefined ? 0 : retellLimit(tier, depth)
}

/** The same, of a queue that holds so many jobs; 0 or less where it can have lost none that matters yet. */
export const retellLimit = (
  { due, forgotten }: Pick<DueOfTier, 'due' | 'forgotten'>,
  depth: number,
): number => Math.min(depth < forgotten ? BATCH : SAMPLE, due + SLACK - depth)
