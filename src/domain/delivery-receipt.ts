import type { DeliveryState } from './delivery-state.ts'
import type { SuccessorHop } from './directory/resolution.ts'
import type { AgencyCode, DeliveryKey, DocumentKey, EdxmlDocumentId, Sha256 } from './identifiers.ts'
import type { RequestState } from './request-state.ts'
import type { Addressed } from './routing-rule.ts'

/** The event of ETSI EN 319 522-1 that a state attests; null where it attests none. */
export const DELIVERY_EVENTS = {
  waiting: null,
  available: 'ContentConsignment',
  'handed-over': 'ContentHandover',
  acknowledged: 'ContentHandover',
  withdrawn: null,
  failed: 'ContentConsignmentFailure',
} as const satisfies Record<DeliveryState, string | null>

/** The same of a delivery by another exchange: what that one took was relayed, and is with the recipient once it says so. */
export const RELAY_EVENTS = {
  ...DELIVERY_EVENTS,
  'handed-over': 'RelayAcceptance',
  failed: 'RelayFailure',
} as const satisfies Record<DeliveryState, string | null>

/** A delivery that went from an agency that closed to the one that took over, after acceptance. */
export interface Redirection extends Pick<SuccessorHop, 'from' | 'to' | 'act' | 'on' | 'basis'> {
  /** When it was moved; ISO 8601, UTC. */
  readonly at: string
}

/**
 * What the gateway attests of one delivery: by which names it was addressed, where it went, and how far it has come. It
 * says what is on record, and nothing of when it was asked for: the same record gives the same claims. Travels as a JWS
 * with the gateway's certificate in `x5c`.
 */
export interface DeliveryReceipt {
  readonly event: (typeof DELIVERY_EVENTS | typeof RELAY_EVENTS)[DeliveryState]
  readonly document: DocumentKey
  readonly edxmlDocumentId: EdxmlDocumentId | null
  /** Over the packet exactly as received. */
  readonly packetSha256: Sha256
  readonly sender: AgencyCode
  /** On the day of acceptance. */
  readonly senderName: string
  readonly delivery: DeliveryKey
  /** Who really gets it. */
  readonly agency: AgencyCode
  readonly name: string
  /** Every name of the packet that led here, with the way from it. */
  readonly addressedAs: readonly Addressed[]
  /** In the order in which they were made. */
  readonly redirections: readonly Redirection[]
  readonly state: DeliveryState
  readonly stateSince: string
  /** The stable name of why it failed or was withdrawn. */
  readonly reason: string | null
  /** Where it was joined with another delivery of the same document: that one. */
  readonly joinedWith: DeliveryKey | null
  readonly requestState: RequestState | null
  /** Times are ISO 8601, UTC. */
  readonly acceptedAt: string
  readonly availableAt: string | null
  readonly handedOverAt: string | null
  readonly acknowledgedAt: string | null
}
