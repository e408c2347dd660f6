import type { AgencyCode, DeliveryKey, DocumentKey, EdxmlDocumentId, Sha256 } from './identifiers.ts'
import type { Addressed } from './routing-rule.ts'
import type { LegalValue, SignatureState } from './signature-report.ts'

export interface ReceiptDelivery {
  /** Who really gets it. */
  readonly agency: AgencyCode
  /** Its name on the day of acceptance; absent in receipts from before names were told. */
  readonly name?: string
  readonly delivery: DeliveryKey
  /** What the packet named, where that was another agency, a group, or another spelling; with the way from there. */
  readonly addressedAs?: readonly Addressed[]
}

/** An earlier delivery that was taken back from some of the names that led to its recipient, who gets it for the others. */
export interface PartlyWithdrawn extends Omit<ReceiptDelivery, 'addressedAs'> {
  readonly withdrawnFrom: readonly Addressed[]
  readonly staysFor: readonly Addressed[]
}

/**
 * What the gateway attests when it accepts a submission (ETSI EN 319 522 event SubmissionAcceptance). Travels as the
 * claims of a JWS (ES256) whose header carries the gateway's certificate in `x5c`.
 */
export interface AcceptanceReceipt {
  readonly event: 'SubmissionAcceptance'
  readonly document: DocumentKey
  readonly edxmlDocumentId: EdxmlDocumentId | null
  readonly sender: AgencyCode
  /** Its name on the day of acceptance; absent in receipts from before names were told. */
  readonly senderName?: string
  /** To whom this packet travels. */
  readonly recipients: readonly ReceiptDelivery[]
  /** Address groups that the packet names, as they were expanded; `members` counts those who got it through the group. */
  readonly groups?: readonly {
    readonly code: AgencyCode
    readonly name: string
    readonly directoryRevision: number
    readonly members: number
  }[]
  /** Earlier deliveries that this packet withdrew: their recipients never got them and never will. */
  readonly withdrawn: readonly ReceiptDelivery[]
  /** Absent where there are none. */
  readonly withdrawnInPart?: readonly PartlyWithdrawn[]
  /** Earlier deliveries whose recipients were asked, for they already hold the document. */
  readonly asked: readonly ReceiptDelivery[]
  /** Over the packet exactly as received. */
  readonly packetSha256: Sha256
  readonly packetLength: number
  readonly attachments: readonly {
    readonly contentId: string
    readonly name: string
    readonly sha256: Sha256
  }[]
  readonly envelopeSignature: SignatureState
  readonly legalValue: LegalValue
  /** ISO 8601, UTC. */
  readonly acceptedAt: string
}
