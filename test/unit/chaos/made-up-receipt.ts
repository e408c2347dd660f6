import {
  agencyCode,
  type DeliveryKey,
  type DocumentKey,
  type Sha256,
} from '../../../src/domain/identifiers.ts'
import type { AcceptanceReceipt, ReceiptDelivery } from '../../../src/domain/receipt.ts'

/** Agencies by delivery. */
type Deliveries = Readonly<Record<string, string>>

const named = (deliveries: Deliveries): ReceiptDelivery[] =>
  Object.entries(deliveries).map(([delivery, agency]) => ({
    agency: agencyCode(agency),
    delivery: delivery as DeliveryKey,
  }))

/** What a receipt attests, with names that are easy to read in place of keys. */
export const acceptanceReceipt = (
  document: string,
  packetSha256: string,
  recipients: Deliveries,
  withdrawn: Deliveries = {},
): AcceptanceReceipt => ({
  event: 'SubmissionAcceptance',
  document: document as DocumentKey,
  edxmlDocumentId: null,
  sender: agencyCode('G81'),
  recipients: named(recipients),
  withdrawn: named(withdrawn),
  asked: [],
  packetSha256: packetSha256 as Sha256,
  packetLength: 1,
  attachments: [],
  envelopeSignature: 'absent',
  legalValue: 'reference-only',
  acceptedAt: '2026-11-20T01:00:00.000Z',
})

/** The same of a delivery that was acknowledged. */
export const deliveryReceipt = (
  document: string,
  delivery: string,
  agency: string,
  packetSha256: string,
) => ({
  document: document as DocumentKey,
  delivery: delivery as DeliveryKey,
  agency: agencyCode(agency),
  packetSha256: packetSha256 as Sha256,
  state: 'acknowledged' as const,
})
