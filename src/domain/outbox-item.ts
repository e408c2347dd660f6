import type { DeliveryKey } from './identifiers.ts'
import type { TierCode } from './tier.ts'
import type { Urgency } from './urgency.ts'

/** A delivery that the queue must be told of. */
export interface OutboxItem {
  readonly delivery: DeliveryKey
  /** The lease epoch at which it was put here. */
  readonly epoch: number
  readonly tier: TierCode
  readonly urgency: Urgency
}
