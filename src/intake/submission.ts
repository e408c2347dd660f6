import type { BlobStage, BlobStore, StagedBlob } from '../blobs/store.ts'
import type { Pool } from '../db/pool.ts'
import type { Registry, RegistryHolder } from '../directory/snapshot/holder.ts'
import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import type { Hop } from '../domain/axis/hop.ts'
import type { Caller } from '../domain/caller.ts'
import type { UsableChannels } from '../domain/channel-id.ts'
import type { GroupExpansion } from '../domain/directory/group.ts'
import type { AgencyOnDay } from '../domain/directory/resolution.ts'
import type { DocumentEnvelope, Envelope } from '../domain/envelope.ts'
import type { Fault } from '../domain/fault.ts'
import type { AgencyCode, DocumentKey, Sha256 } from '../domain/identifiers.ts'
import type { AcceptanceReceipt } from '../domain/receipt.ts'
import type { SealedObject } from '../domain/sealed-objects.ts'
import type { LegalValue, SignatureReport } from '../domain/signature-report.ts'
import type { PacketLimits, ParsedPacket } from '../edxml/parse-packet.ts'
import type { Signer } from '../signature/keys/signer.ts'
import type { PolicyFor } from '../signature/policy/load-policies.ts'
import type { Sealer } from '../signature/seal/seal.ts'
import type { TrustStore } from '../signature/trust-store.ts'
import type { Evidence } from '../signature/validation/evidence.ts'
import type { RevocationSource } from '../signature/x509/revocation.ts'
import type { AddressedRecipient } from './address-recipients.ts'
import type { HandedIn } from './handed-in.ts'
import type { Reference } from './reference.ts'
import type { LinesOfPdf } from './text-readers.ts'
import type { Timestamping } from './timestamping.ts'

/** What intake works with. */
export interface IntakeDependencies {
  readonly pool: Pool
  readonly registry: RegistryHolder
  readonly blobs: BlobStore
  readonly trust: TrustStore
  /** Has an end to its waiting: a packet is not kept for a responder that does not answer. */
  readonly revocation: RevocationSource
  readonly policyFor: PolicyFor
  readonly sealer: Sealer
  /** Signs receipts, as of the time that they tell. */
  readonly receiptKeyAt: (time: Date) => Signer
  readonly packetLimits: PacketLimits
  /** The channels by which deliveries can leave this installation. */
  readonly usable: UsableChannels
  /** Null where there is no authority for timestamps: seals stay as they are made here. */
  readonly timestamping: Timestamping | null
  /** Reads PDFs for marks of secrecy; the threads of this process where it is left out. */
  readonly linesOfPdf?: LinesOfPdf
  /** How this gateway calls itself in TraceHeaders; null where it does not: then it knows no packet as its own. */
  readonly traceId: string | null
  /** Tells the relay, after commit, that the outbox has something. */
  readonly wakeRelay: () => void
}

/** A packet as a door hands it over: bytes that are still to be read, and who sends them. */
export interface Submission {
  readonly caller: Caller
  readonly content: AsyncIterable<Uint8Array>
  readonly idempotencyKey?: string
  /** What is done with a packet of which a signature does not fit its bytes: `refuse` unless the door says otherwise. */
  readonly brokenSignatures?: BrokenSignatures
  /**
   * Whether the caller may send in the name of an agency, beside its own, those that it took over from, and those that
   * have delegated it: a system that serves several, or another gateway. The agency may have closed.
   */
  readonly serves?: Serves
  /**
   * Of the packet's To those for whom it is handed in here, as the door spells them; the others are somebody else's to
   * deliver. Names that do not stand in To count for nothing; a status goes to the party of its ResponseFor anyway.
   */
  readonly handedInFor?: readonly string[]
  /**
   * The sender of a packet whose own From is the word `null`: whom the exchange that gave it names. It is held to the
   * same rules as one that the packet names itself.
   */
  readonly senderWhereNull?: string
  /** What another gateway hands in with the packet. */
  readonly fromGateway?: FromGateway
}

export type Serves = (directory: DirectorySnapshot, code: AgencyCode, day: string) => boolean

export interface FromGateway {
  /** Names that gateway in records. */
  readonly name: string
  /** Who runs it: its seals must be that agency's. The caller's own agency where it is not given. */
  readonly agency?: AgencyCode
  /** Its detached XAdES over packet and attachments; undefined where it gave none. */
  readonly seal?: Uint8Array
  /** The exchanges that the packet passed, beside those of its TraceHeaders. */
  readonly hops: readonly Hop[]
}

export type BrokenSignatures = 'refuse' | 'report'

/** Each step of intake returns a new type, so that a step that is skipped does not compile. */
export interface ParsedDocument {
  readonly caller: Caller
  readonly idempotencyKey: string | undefined
  readonly brokenSignatures: BrokenSignatures
  readonly serves: Serves | undefined
  readonly handedInFor: readonly string[] | undefined
  readonly fromGateway: FromGateway | undefined
  readonly stage: BlobStage
  readonly packet: StagedBlob
  readonly parsed: ParsedPacket
  readonly envelope: Envelope
  readonly warnings: readonly Fault[]
}

/** No rule that looks at the packet alone forbids it. */
export interface PermittedDocument extends ParsedDocument {
  readonly permitted: true
}

/** It has not been through this gateway before. */
export interface TracedDocument extends PermittedDocument {
  /** The exchanges that it passed, as they tell of themselves. */
  readonly hops: readonly Hop[]
}

export interface IdentifiedDocument extends TracedDocument {
  /** By the database's clock. */
  readonly now: Date
  /** The day of acceptance in Vietnam, `yyyy-MM-dd`. */
  readonly day: string
  /** Directory and routing tables from which everything about this packet is decided. */
  readonly registry: Registry
  readonly sender: AgencyOnDay
  /** Whose documents the sender may speak of: its own, then those of whom it took over from. */
  readonly speaksFor: readonly AgencyCode[]
  /** Who sends in the sender's name, by delegation or as its successor; null where it is itself, or one that it is served by. */
  readonly delegate: AgencyCode | null
  /** Of its recipients, those for whom it is handed in; null: all. */
  readonly handedIn: HandedIn | null
  /** What makes it the same submission, whoever it is handed in for. */
  readonly wholeKey: string
  /** What makes it the same hand-in. */
  readonly submissionKey: string
}

export interface RoutedDocument extends IdentifiedDocument {
  /** To whom the packet is addressed. */
  readonly to: readonly AddressedRecipient[]
  /** Agencies that an update takes off the list. */
  readonly removed: readonly AgencyCode[]
  /** Address groups, as they are expanded for this packet. */
  readonly expansions: readonly GroupExpansion[]
  /** What it speaks of, as far as that was known before the lock. */
  readonly references: readonly Reference[]
}

export interface VerifiedDocument extends RoutedDocument {
  readonly report: SignatureReport
  /** What the report rests on, kept so that it can be found again. */
  readonly evidence: Evidence
  readonly legalValue: LegalValue
  /** The seal of the gateway that handed it in. */
  readonly gatewaySeal: Sha256 | null
}

export interface SealedDocument extends VerifiedDocument {
  readonly key: DocumentKey
  readonly objects: readonly SealedObject[]
  readonly seal: Sha256
}

export interface AcceptedDocument {
  /** The sealed acceptance receipt, a compact JWS. */
  readonly receipt: string
  readonly claims: AcceptanceReceipt
  readonly warnings: readonly Fault[]
  /** Whether this submission had been accepted before: the receipt is the first one. */
  readonly replayed: boolean
}

export const attachmentsOf = (envelope: Envelope): DocumentEnvelope['attachments'] =>
  envelope.kind === 'document' ? envelope.attachments : []

/** Whether a packet brings a document of its own, rather than speak of one that was sent before. */
export const introducesDocument = (envelope: Envelope): boolean =>
  envelope.kind === 'document' && envelope.business.operation !== 'recall'

/** The name of its kind, as NĐ 30/2020 art. 7 has it; undefined for statuses. */
export const documentTypeNameOf = (envelope: Envelope): string | undefined =>
  envelope.kind === 'document' ? envelope.documentType?.typeName : undefined
