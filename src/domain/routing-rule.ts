import type { ChannelId } from './channel-id.ts'
import type { AgencyOnDay, SuccessorHop } from './directory/resolution.ts'
import type { AgencyCode, DocumentKey } from './identifiers.ts'
import type { TierCode } from './tier.ts'
import type { Urgency } from './urgency.ts'

/** When a rule applies. Every condition given must hold. */
export interface RuleConditions {
  readonly recipient?: AgencyCode
  /** The recipient is this agency or stands beneath it, however far. */
  readonly under?: AgencyCode
  readonly tier?: TierCode
  readonly documentType?: string
  /** This urgency or a higher one. */
  readonly urgencyAtLeast?: Urgency
  readonly sender?: AgencyCode
  /** The sender is this agency or stands beneath it. */
  readonly senderUnder?: AgencyCode
  /** First day of the rule, `yyyy-MM-dd`, Vietnam. */
  readonly validFrom?: string
  /** First day after its end. */
  readonly validTo?: string
}

/** Hours of the day in Vietnam, `HH:mm`, during which deliveries wait; `to` may be on the next day. */
export interface QuietHours {
  readonly from: string
  readonly to: string
  /** Documents of this urgency or a higher one do not wait. */
  readonly passedFrom: Urgency
}

/** One row of the routing table: the first that applies decides. */
export interface TableRule extends RuleConditions {
  /** Unique in its table; named in explanations. */
  readonly id: string
  readonly channel: ChannelId
  /** Where `channel` or a fall-back is `gateway`: the agency that runs that gateway. */
  readonly gateway?: AgencyCode
  /** Tried in this order where the channel cannot take the document, or has given up on it. */
  readonly fallback?: readonly ChannelId[]
  readonly quietHours?: QuietHours
  /** A larger packet does not go by this channel. */
  readonly maxBytes?: number
  readonly comment?: string
}

/** What a routing decision depends on, beside directory and table. */
export interface RouteFacts {
  readonly sender: AgencyCode
  /** An open agency: successors are already followed. */
  readonly recipient: AgencyOnDay
  readonly documentType: string | undefined
  readonly urgency: Urgency
  /** Length of the packet. */
  readonly bytes: number
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
}

/** Why a rule, or a way that it names, was passed over. */
export type Objection = keyof RuleConditions | 'no-endpoint' | 'no-connector' | 'too-large'

/** What decided where no rule did. */
export type DefaultRule = 'default:own-endpoint' | 'default:inherited-endpoint' | 'default:mailbox'

/** Why a delivery goes this way; kept with it. */
export interface RouteExplanation {
  readonly directoryRevision: number
  /** The revision of the routing table. */
  readonly revision: number
  /** The id of the rule that decided, or which default. */
  readonly rule: string
  /**
   * Rules that came before it, with what did not hold; of a long table those that were about this recipient, sender,
   * tier or kind, and never more than a hundred.
   */
  readonly tried: readonly { readonly rule: string; readonly because: Objection }[]
  /** How many more came before it. */
  readonly alsoPassed: number
  /** The agency whose endpoint it is, where that is not the recipient's own. */
  readonly endpointOf?: AgencyCode
  /** Channels of the deciding rule that were passed over before the one chosen. */
  readonly fellBackFrom?: readonly { readonly channel: ChannelId; readonly because: Objection }[]
}

/** Which way one document goes to one recipient. */
export interface ChosenRoute {
  readonly channel: ChannelId
  readonly gateway: AgencyCode | null
  /** Channels that are left, in their order, for when this one gives up. */
  readonly fallback: readonly ChannelId[]
  readonly quietHours: QuietHours | null
  readonly explanation: RouteExplanation
}

/** How a recipient came to be one: what the packet named, and how that led to it. */
export interface Addressed {
  /** As the packet spells it. */
  readonly spelling: string
  /** The agency that was named, with its name; not the recipient itself where `hops` is not empty. */
  readonly code: AgencyCode
  readonly name: string
  /** Through which address group, where it was one. */
  readonly group?: { readonly code: AgencyCode; readonly name: string }
  readonly hops: readonly SuccessorHop[]
  /** The packet that took it back from this name, while others still led to the recipient. */
  readonly withdrawnBy?: DocumentKey
}

/** A delivery that goes on by its next channel, because the one before gave up. */
export interface Rerouting {
  readonly from: ChannelId
  readonly to: ChannelId
  /** The code of the failure. */
  readonly because: string
  /** By the database's clock, ISO 8601. */
  readonly at: string
}

/** Everything that explains a delivery: kept with it as `route`. */
export interface DeliveryExplanation extends RouteExplanation {
  readonly gateway?: AgencyCode
  /** Channels that are left, in their order. */
  readonly fallback?: readonly ChannelId[]
  readonly quietHours?: QuietHours
  /** How it came from the channel that was chosen first to the one by which it goes now. */
  readonly rerouted?: readonly Rerouting[]
  /** Every name of the packet that led here. */
  readonly addressed: readonly Addressed[]
  /** The agency whose system sent in the sender's name, where there was one. */
  readonly actingFor?: { readonly delegate: AgencyCode; readonly agency: AgencyCode }
}
