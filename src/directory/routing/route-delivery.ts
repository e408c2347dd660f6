import type { ChannelId, UsableChannels } from '../../domain/channel-id.ts'
import { endOfQuiet } from '../../domain/quiet-hours.ts'
import type { ChosenRoute, DeliveryExplanation, RouteFacts } from '../../domain/routing-rule.ts'
import type { Registry } from '../snapshot/holder.ts'
import { chooseRoute } from './choose-route.ts'
import { compiledOf } from './compile-table.ts'
import { tableInForce } from './table-in-force.ts'

export interface RoutedDelivery {
  readonly channel: ChannelId
  /** What is kept as the delivery's route, beside the names that led to it. */
  readonly route: Omit<DeliveryExplanation, 'addressed' | 'actingFor'>
  /** The end of the quiet hours in which it begins; null where it is due at once. */
  readonly firstAttemptAt: Date | null
}

/**
 * How one document goes to one recipient, and when.
 * @param usable channels with a connector (`WITHOUT_CONNECTOR` where there are none)
 * @param now by the database's clock: which table is in force, and whether the hours are quiet
 */
export function routeDelivery(
  { directory, tables }: Registry,
  usable: UsableChannels,
  facts: RouteFacts,
  now: Date,
): RoutedDelivery {
  const chosen = chooseRoute(compiledOf(tableInForce(tables, now)), directory, usable, facts)
  return {
    channel: chosen.channel,
    route: deliveryRoute(chosen),
    firstAttemptAt: endOfQuiet(chosen.quietHours, facts.urgency, now),
  }
}

/** A chosen route as it is kept with a delivery. */
const deliveryRoute = ({
  gateway,
  fallback,
  quietHours,
  explanation,
}: ChosenRoute): RoutedDelivery['route'] => ({
  ...explanation,
  ...(gateway !== null && { gateway }),
  ...(fallback.length > 0 && { fallback }),
  ...(quietHours !== null && { quietHours }),
})
