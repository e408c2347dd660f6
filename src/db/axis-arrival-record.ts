import type { ArrivalProblem, ArrivalState, AxisMessageType } from '../domain/axis/arrival.ts'
import type { Hop } from '../domain/axis/hop.ts'
import { type DocumentKey, documentKey, type Sha256, sha256 } from '../domain/identifiers.ts'

/** A packet that another exchange holds for this gateway. */
export interface Arrival {
  readonly id: string
  readonly connector: string
  /** As the other exchange calls the packet. */
  readonly remoteId: string
  readonly messageType: AxisMessageType
  /** As its list names them; empty where it does not. */
  readonly listedFrom: string
  readonly listedTo: string
  readonly state: ArrivalState
  /** Whether the other exchange knows what became of it. */
  readonly told: boolean
  readonly listedAt: Date
  readonly packet: Sha256 | null
  /** Bytes. */
  readonly packetLength: number | null
  readonly beside: StoredBeside | null
  readonly facts: Sha256 | null
  readonly document: DocumentKey | null
  readonly problem: ArrivalProblem | null
  /** What went wrong last, of what is tried again. */
  readonly failure: ArrivalProblem | null
  /** At the step that it is at. */
  readonly attempts: number
  readonly nextAttemptAt: Date
}

/** What came beside the packet of another gateway; the seal in base64. */
export interface StoredBeside {
  readonly seal?: string
  readonly hops: readonly Hop[]
}

export interface ArrivalRow {
  id: string
  connector: string
  remote_id: string
  message_type: AxisMessageType
  listed_from: string
  listed_to: string
  state: ArrivalState
  told: boolean
  listed_at: Date
  packet_sha256: string | null
  packet_length: number | null
  beside: StoredBeside | null
  facts_sha256: string | null
  document_id: string | null
  problem: ArrivalProblem | null
  failure: ArrivalProblem | null
  attempts: number
  next_attempt_at: Date
}

export const ARRIVAL_COLUMNS = `id, connector, remote_id, message_type, listed_from, listed_to, state, told, listed_at, packet_sha256,
  packet_length, beside, facts_sha256, document_id, problem, failure, attempts, next_attempt_at`

export const toArrival = (row: ArrivalRow): Arrival => ({
  id: row.id,
  connector: row.connector,
  remoteId: row.remote_id,
  messageType: row.message_type,
  listedFrom: row.listed_from,
  listedTo: row.listed_to,
  state: row.state,
  told: row.told,
  listedAt: row.listed_at,
  packet: row.packet_sha256 === null ? null : sha256(row.packet_sha256),
  packetLength: row.packet_length,
  beside: row.beside,
  facts: row.facts_sha256 === null ? null : sha256(row.facts_sha256),
  document: row.document_id === null ? null : documentKey(row.document_id),
  problem: row.problem,
  failure: row.failure,
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at,
})
