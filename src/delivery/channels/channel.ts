import type { LeasedDelivery } from '../../db/leases.ts'
import type { Bilingual } from '../../domain/bilingual.ts'

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
  /**
   * Worth another attempt, not before `retryAfter` seconds where the recipient asked for that. `ours`: the gateway is to
   * blame, and the attempt does not bring the delivery nearer to its end.
   */
  | {
      readonly outcome: 'retry'
      readonly failure: ChannelFailure
      readonly retryAfter?: number
      readonly ours?: true
    }
  /** No further attempt can help. */
  | { readonly outcome: 'refused'; readonly failure: ChannelFailure }

/** A leased delivery with what a channel needs to know. */
export interface Consignment {
  readonly delivery: LeasedDelivery
  readonly endpointUrl: string | null
}

/**
 * One way to reach a recipient. A channel may be asked again for the same delivery and must make that harmless; it
 * answers with a result and never throws for what the recipient did.
 */
export interface Channel {
  send(consignment: Consignment, signal: AbortSignal): Promise<SendResult>
}
