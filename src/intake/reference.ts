import type { AgencyCode, DeliveryKey, DocumentKey } from '../domain/identifiers.ts'

/** Earlier documents that a packet speaks of, and whose deliveries of them. */
export interface Reference {
  readonly documents: readonly DocumentKey[]
  /** Agencies and groups by the codes that the packet uses, of any day; null: everybody. */
  readonly names: readonly AgencyCode[] | null
  /** The only agencies that can have got such a delivery; null where the names do not tell. */
  readonly among: readonly AgencyCode[] | null
}

/** Earlier deliveries that a packet speaks of. */
export interface Scope {
  readonly documents: readonly DocumentKey[]
  readonly deliveries: readonly DeliveryKey[]
}
