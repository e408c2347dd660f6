import type { AgencyCode, DeliveryKey, DocumentKey } from '../domain/identifiers.ts'
import type { NamedAs } from './choose-named.ts'

/** Earlier documents that a packet speaks of, and whose deliveries of them. */
export interface Reference {
  readonly documents: readonly DocumentKey[]
  /** Agencies and groups as the packet names them; null: everybody. */
  readonly names: readonly NamedAs[] | null
  /** The only agencies that can have got such a delivery; null where the names do not tell. */
  readonly among: readonly AgencyCode[] | null
  /** Of a status: whom its ResponseFor meant when the document travelled; to be told, or who took over from it. */
  readonly otherParty?: AgencyCode
}

/** Earlier deliveries that a packet speaks of. */
export interface Scope {
  /** By which names; null: by all of them. */
  readonly names: readonly NamedAs[] | null
  readonly documents: readonly DocumentKey[]
  readonly deliveries: readonly DeliveryKey[]
}
