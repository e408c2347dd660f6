import type { DeliveryRecord } from '../db/deliveries.ts'
import type { Settlement } from '../db/leases.ts'
import { databaseNow } from '../db/now.ts'
import type { Transaction } from '../db/pool.ts'
import { endOfQuiet, quietReason } from '../domain/quiet-hours.ts'
import { giveBack } from './give-back.ts'

/**
 * Gives a delivery back that was taken in its recipient's quiet hours: it waits for their end, and is neither numbered
 * in the inbox nor charged with an attempt. Returns whether it was.
 */
export async function heldBack(db: Transaction, delivery: DeliveryRecord): Promise<boolean> {
  const { route, urgency } = delivery
  if (route.quietHours === undefined) return false
  const until = endOfQuiet(route.quietHours, urgency, await databaseNow(db))
  if (until === null) return false
  await giveBack(db, delivery, until, quietReason(until))
  return true
}

/** A settlement whose next attempt is not in quiet hours: it is put off until their end. */
export async function outsideQuiet(
  db: Transaction,
  { route, urgency }: Pick<DeliveryRecord, 'route' | 'urgency'>,
  settlement: Settlement,
): Promise<Settlement> {
  const { retryAfter } = settlement
  if (route.quietHours === undefined || retryAfter === null) return settlement
  const now = await databaseNow(db)
  const until = endOfQuiet(route.quietHours, urgency, new Date(now.getTime() + retryAfter * 1000))
  return until === null ? settlement : { ...settlement, retryAfter: (until.getTime() - now.getTime()) / 1000 }
}
