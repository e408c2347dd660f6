import { randomBytes } from 'node:crypto'
import { removeExpiredAssertions, removeOldIdempotencyKeys } from '../db/expired-rows.ts'
import { asLeader } from '../db/leader.ts'
import { dateDeliveries } from '../db/undated-deliveries.ts'
import { type OrphanDependencies, sweepOrphans } from './sweep-orphans.ts'

/** Longer than any upload may take. */
const ABANDONED_AFTER_MS = 60 * 60_000

/** What a round removed, and what it put right; absent where another process does it now. */
export interface Swept {
  uploads?: number
  orphans?: number
  idempotencyKeys?: number
  assertions?: number
  /** Deliveries that were given the instant of their document. */
  dated?: number
}

/**
 * One round of removing what is not needed any more, and of dating what is not dated, each call a bounded part. A job that fails keeps no other from
 * its turn; what failed is thrown at the end, together.
 */
export function housekeeper(dependencies: OrphanDependencies): () => Promise<Swept> {
  const { pool, blobs } = dependencies
  // Anywhere: processes that are restarted often would otherwise never come to the end of a large store.
  let from = randomBytes(2).toString('hex')
  return async () => {
    const swept: Swept = {}
    const jobs = [
      async () => {
        swept.uploads = await blobs.sweep(ABANDONED_AFTER_MS)
      },
      async () => {
        await asLeader(pool, 'housekeeping', async (db) => {
          swept.idempotencyKeys = await removeOldIdempotencyKeys(db)
          swept.assertions = await removeExpiredAssertions(db)
        })
      },
      async () => {
        const dated = await asLeader(pool, 'housekeeping', dateDeliveries)
        if (dated !== undefined) swept.dated = dated
      },
      async () => {
        const round = await sweepOrphans(dependencies, from)
        if (round === undefined) return
        swept.orphans = round.removed
        from = round.next
      },
    ]
    const failures: unknown[] = []
    for (const job of jobs) await job().catch((error: unknown) => failures.push(error))
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, 'several jobs of housekeeping failed')
    return swept
  }
}
