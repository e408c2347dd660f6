import type { DeliveryReceipt } from '../../src/domain/delivery-receipt.ts'
import type { DeliveryState } from '../../src/domain/delivery-state.ts'
import type { AcceptanceReceipt } from '../../src/domain/receipt.ts'
import type { Line } from './journal.ts'

/** A document as the gateway's database has it. */
export interface StoredDocument {
  readonly key: string
  /** As journals call it. */
  readonly name: string
  readonly sender: string
  readonly sha256: string
  /** A compact JWS. */
  readonly receipt: string
}

export interface StoredDelivery {
  readonly key: string
  readonly document: string
  readonly agency: string
  readonly state: DeliveryState
}

/** How often an event stands in the audit record of a document or a delivery. */
export interface CountedEvent {
  readonly kind: string
  readonly document: string
  /** Null for what concerns the document as a whole. */
  readonly delivery: string | null
  readonly count: number
}

/** Everything that the oracle compares. */
export interface Evidence {
  readonly journal: readonly Line[]
  readonly documents: readonly StoredDocument[]
  readonly deliveries: readonly StoredDelivery[]
  readonly events: readonly CountedEvent[]
  /** What each receipt attests, by its text; no entry where it does not verify. */
  readonly attested: ReadonlyMap<string, AcceptanceReceipt>
  /** What the gateway attests now of deliveries of some documents; null where a receipt does not verify. */
  readonly deliveryReceipts: readonly {
    readonly document: string
    readonly claims: Pick<
      DeliveryReceipt,
      'document' | 'delivery' | 'agency' | 'packetSha256' | 'state'
    > | null
  }[]
}
