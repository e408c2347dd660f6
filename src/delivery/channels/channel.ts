import type { LeasedDelivery } from '../../db/leases.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import type { DeliveryKey } from '../../domain/identifiers.ts'

/** Why a channel did not succeed: kept with the attempt and shown to sender and administrator. */
export interface ChannelFailure {
  /** Kebab-case and stable: `http-status`, `timeout`, `address-forbidden`, ... */
  readonly code: string
  readonly explanation: Bilingual
  readonly detail?: Record<string, unknown>
}

export type SendResult =
  /** The recipient can fetch the document and, where the channel tells, was told. */
  | { readonly outcome: 'available'; readonly detail?: Record<string, unknown> }
  /** Another exchange has taken it, and keeps it under this number; '' where it told none. */
  | { readonly outcome: 'handed-on'; readonly remoteId: string; readonly detail?: Record<string, unknown> }
  | Retry
  /** No further attempt can help. */
  | { readonly outcome: 'refused'; readonly failure: ChannelFailure; readonly notTaken?: true }

/** Worth another attempt, not before `retryAfter` seconds where the recipient asked for that. */
export interface Retry {
  readonly outcome: 'retry'
  readonly failure: ChannelFailure
  readonly retryAfter?: number
  /** The gateway is to blame, and the attempt does not bring the delivery nearer to its end; another channel may do. */
  readonly ours?: true
  /**
   * Nothing gets through to a whole exchange, whoever the recipient is: no attempt counts. It is tried again every few
   * minutes, for as long as attempts that count would last.
   */
  readonly blocked?: true
  /** What was sent was certainly not taken. Only of channels to other exchanges it is asked. */
  readonly notTaken?: true
}

/** One result for all of a consignment, or one for each; whatever is left out was not tried, and is due at once. */
export type SendResults = SendResult | ReadonlyMap<DeliveryKey, SendResult>

/** A leased delivery with what a channel needs to know. */
export interface Consignment {
  readonly delivery: LeasedDelivery
  /** Others of the same document that go by the same connector at once, leased as well. */
  readonly companions: readonly LeasedDelivery[]
  readonly endpointUrl: string | null
}

export const deliveriesOf = ({ delivery, companions }: Consignment): LeasedDelivery[] => [
  delivery,
  ...companions,
]

/**
 * One way to reach a recipient. A channel may be asked again for the same delivery and must make that harmless; it
 * answers with a result and never throws for what the recipient did.
 */
export interface Channel {
  send(consignment: Consignment, signal: AbortSignal): Promise<SendResults>
}

/** A channel that takes every delivery alone. */
export interface SingleChannel extends Channel {
  send(consignment: Consignment, signal: AbortSignal): Promise<SendResult>
}
