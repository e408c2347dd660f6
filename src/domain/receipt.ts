import type { AgencyCode, DeliveryKey, DocumentKey, EdxmlDocumentId, Sha256 } from './identifiers.ts'
import type { LegalValue, SignatureState } from './signature-report.ts'

/**
 * What the gateway attests when it accepts a submission (ETSI EN 319 522 event SubmissionAcceptance). Travels as the
 * claims of a JWS (ES256) whose header carries the gateway's certificate in `x5c`.
 */
export interface AcceptanceReceipt {
  readonly event: 'SubmissionAcceptance'
  readonly document: DocumentKey
  readonly edxmlDocumentId: EdxmlDocumentId | null
  readonly sender: AgencyCode
  readonly recipients: readonly { readonly agency: AgencyCode; readonly delivery: DeliveryKey }[]
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
