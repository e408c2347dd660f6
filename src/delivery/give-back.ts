import { abandonAttempts } from '../db/attempts.ts'
import { holdLease, type LeasedDelivery } from '../db/leases.ts'
import type { Transaction } from '../db/pool.ts'

/**
 * Gives a delivery back that was just taken, before anything was done with it: it waits until an instant, for a reason that is
 * nobody's fault. What an earlier worker left open is closed.
 */
export async function giveBack(
  db: Transaction,
  { key, leaseEpoch }: Pick<LeasedDelivery, 'key' | 'leaseEpoch'>,
  until: Date,
  reason: unknown,
): Promise<void> {
  await abandonAttempts(db, [key])
  await holdLease(db, key, leaseEpoch, until, reason)
}
