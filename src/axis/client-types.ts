import type { AxisMessageType } from '../domain/axis/arrival.ts'
import type { Hop } from '../domain/axis/hop.ts'
import type { PacketStatus } from '../domain/axis/packet-status.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import type { ListedAgency, ListedAgencyQd20, ReceivedEdoc, SentEdoc, SynchronizedUnit } from './answers.ts'

/** Why an operation gave nothing. */
export type AxisFailureKind =
  /** No connection, or it broke. */
  | 'unreachable'
  | 'timeout'
  /** The caller's signal ended it. */
  | 'aborted'
  /** An HTTP status other than 2xx, and not the interface's JSON: redirects, too. */
  | 'http'
  /** A page of a proxy, or JSON that breaks off. */
  | 'not-json'
  /** JSON that the interface does not know, or that contradicts itself. */
  | 'answer-invalid'
  /** The other exchange says FAIL. */
  | 'refused'

export interface AxisFailure {
  readonly kind: AxisFailureKind
  /** `ErrorCode` as the other exchange wrote it; empty unless refused. */
  readonly code: string
  /** For people: the other side's words, or what was wrong. One line, at most 1,000 characters. */
  readonly detail: string
  /** Of the answer; undefined where there was none. */
  readonly httpStatus?: number
  /** Whether a byte of the request may have left. Where not, the other side has certainly not seen it. */
  readonly mayHaveLeft: boolean
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: AxisFailure }

/** A list as far as it could be read, each item once. */
export interface RemoteList<Item> {
  readonly items: readonly Item[]
  /** What was wrong with items that were left out, for people; the first hundred. */
  readonly faults: readonly string[]
}

export interface ReceivedListQuery {
  readonly messageType: AxisMessageType
  /** `yyyy/MM/dd`, both inclusive. */
  readonly fromDate?: string
  readonly toDate?: string
}

export interface SentListQuery {
  readonly messageType: AxisMessageType
  readonly docId?: string
}

export interface OutgoingEdoc {
  readonly messageType: AxisMessageType
  /** The agency in whose name it is sent. */
  readonly from: string
  /** For whom of the packet's To it is handed in; undefined: for all. */
  readonly to?: readonly string[]
  readonly sha256: Sha256
  /** Bytes. */
  readonly length: number
  /** The packet's bytes, exactly `length` of them; called once. */
  readonly content: () => AsyncIterable<Uint8Array>
  /** Between gateways of this kind alone: left out towards the national axis. */
  readonly beside?: BesidePacket
}

/** What travels beside a packet between gateways of this kind. */
export interface BesidePacket {
  /** Detached XAdES over packet and attachments. */
  readonly seal?: Uint8Array
  readonly hops: readonly Hop[]
}

export interface FetchedEdoc<T> {
  /** What the caller made of the bytes. */
  readonly taken: T
  readonly beside: BesidePacket
}

/** Does something with a packet's bytes as they come; whatever it throws goes to the caller. */
export type TakeContent<T> = (content: AsyncIterable<Uint8Array>) => Promise<T>

export interface AgencyToRegister {
  readonly id: string
  /** Code of the agency above. */
  readonly pcode: string
  readonly code: string
  readonly name: string
  readonly mail: string
  readonly mobile: string
  readonly fax: string
}

/**
 * Operations of another exchange. None throws for what the other side or the network does. A signal ends an operation
 * at once, with `aborted`.
 */
export interface AxisClient {
  getAgenciesList(signal?: AbortSignal): Promise<Outcome<RemoteList<ListedAgency>>>
  getAgenciesListQD20(level: string, signal?: AbortSignal): Promise<Outcome<RemoteList<ListedAgencyQd20>>>
  getSynchronizeUnit(signal?: AbortSignal): Promise<Outcome<RemoteList<SynchronizedUnit>>>
  registerAgency(agency: AgencyToRegister, signal?: AbortSignal): Promise<Outcome<undefined>>
  deleteAgency(code: string, signal?: AbortSignal): Promise<Outcome<undefined>>
  getReceivedEdocList(
    query: ReceivedListQuery,
    signal?: AbortSignal,
  ): Promise<Outcome<RemoteList<ReceivedEdoc>>>
  getSentEdocList(query: SentListQuery, signal?: AbortSignal): Promise<Outcome<RemoteList<SentEdoc>>>
  /** Gives the number under which the other exchange keeps it; empty where it told none. */
  sendEdoc(edoc: OutgoingEdoc, signal?: AbortSignal): Promise<Outcome<string>>
  /**
   * Hands the packet's bytes on as they come. What was taken counts only where the outcome is ok: the answer may break
   * off, or say FAIL at its end.
   */
  getEdoc<T>(docId: string, take: TakeContent<T>, signal?: AbortSignal): Promise<Outcome<FetchedEdoc<T>>>
  /** @param description why it failed, for people; cut to 1,000 characters */
  updateStatus(
    docId: string,
    status: PacketStatus,
    description?: string,
    signal?: AbortSignal,
  ): Promise<Outcome<undefined>>
  countReceiveEdoc(signal?: AbortSignal): Promise<Outcome<number>>
  countReceiveStatus(signal?: AbortSignal): Promise<Outcome<number>>
  /** The raw file. It has no envelope of its own: an answer that is JSON or HTML is taken for a failure. */
  downloadEdoc<T>(docId: string, take: TakeContent<T>, signal?: AbortSignal): Promise<Outcome<T>>
  /** Ends every connection and what goes over it. */
  close(): Promise<void>
}

export interface AxisClientOptions {
  /** Bytes of the longest packet that is fetched. */
  readonly maxPacketBytes: number
  /** The clock of this machine where left out; for the timestamp of requests. */
  readonly now?: () => Date
}
