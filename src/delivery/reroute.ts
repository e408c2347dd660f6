import { recordEvents } from '../audit/record-events.ts'
import type { DeliveryRecord } from '../db/deliveries.ts'
import { type LeasedDelivery, rerouteLease } from '../db/leases.ts'
import type { Transaction } from '../db/pool.ts'
import type { ChannelId } from '../domain/channel-id.ts'
import { endOfQuiet } from '../domain/quiet-hours.ts'
import type { DeliveryExplanation, Rerouting } from '../domain/routing-rule.ts'
import type { ChannelFailure } from './channels/channel.ts'

/** How a delivery goes on after its channel gave up. */
export interface Onward {
  readonly channel: ChannelId
  readonly route: Partial<DeliveryExplanation>
  /** The end of the quiet hours in which that happens; null: at once. */
  readonly notBefore: Date | null
  readonly rerouting: Rerouting
}

/** The next channel of a delivery, with its route extended by why; undefined where none is left. */
export function onward(
  { channel: from, route, urgency }: Pick<DeliveryRecord, 'channel' | 'route' | 'urgency'>,
  failure: ChannelFailure,
  now: Date,
): Onward | undefined {
  const [to, ...left] = route.fallback ?? []
  if (to === undefined) return undefined
  const rerouting: Rerouting = { from, to, because: failure.code, at: now.toISOString() }
  const { fallback: _spent, ...kept } = route
  return {
    channel: to,
    route: {
      ...kept,
      ...(left.length > 0 && { fallback: left }),
      rerouted: [...(route.rerouted ?? []), rerouting],
    },
    notBefore: endOfQuiet(route.quietHours ?? null, urgency, now),
    rerouting,
  }
}

/**
 * Sends a delivery on by its next channel, with all of that one's attempts before it, if the lease is still the one
 * under which the channel before gave up. Returns whether it was.
 */
export async function reroute(
  db: Transaction,
  worker: string,
  delivery: LeasedDelivery,
  failure: ChannelFailure,
  { channel, route, notBefore, rerouting }: Onward,
): Promise<boolean> {
  const { key, leaseEpoch, recipient, document } = delivery
  if (!(await rerouteLease(db, key, leaseEpoch, { channel, route, notBefore, reason: failure }))) return false
  const about = { actor: worker, agency: recipient, document, delivery: key }
  const { from, to } = rerouting
  await recordEvents(db, [
    {
      ...about,
      kind: 'delivery-attempt-failed',
      detail: { attempt: delivery.attempts + 1, channel: from, result: failure },
    },
    { ...about, kind: 'delivery-rerouted', detail: { from, to, because: failure } },
  ])
  return true
}
