import type { DelegationRecord } from '../../db/delegations.ts'
import type { RoutingTable } from '../../db/routing.ts'
import type { UsableChannels } from '../../domain/channel-id.ts'
import type { Urgency } from '../../domain/urgency.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import type { TableReason } from './words.ts'

/** Where would a document go? */
export interface RouteQuestion {
  /** Any spelling of an agency. */
  readonly sender: string
  /** Any spelling of an agency, or of an address group. */
  readonly recipient: string
  readonly documentType?: string
  readonly urgency: Urgency
  /** Length of the packet. */
  readonly bytes: number
  /** When it is accepted: in the past, now or in the future. */
  readonly at: Date
  /** It is under way already: successors are followed whatever becomes of documents that are addressed anew. */
  readonly underWay?: boolean
  /** Of an address group: the members after this one. */
  readonly after?: string
  /** Of an address group: how many members are told; 50 where left out. */
  readonly limit?: number
}

/** What an answer is made from. */
export interface ExplainParts {
  readonly directory: DirectorySnapshot
  readonly table: RoutingTable
  readonly tableBecause: TableReason
  /** What is approved to take the table's place, the first to take effect; null where nothing is. */
  readonly next: RoutingTable | null
  /** Who may act for the sender, on any day. */
  readonly delegations: readonly DelegationRecord[]
  /** Channels with a connector. */
  readonly usable: UsableChannels
}
