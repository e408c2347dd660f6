import { type Static, Type } from 'typebox'
import type { ReceiptDelivery } from '../../domain/receipt.ts'
import type { AcceptedDocument } from '../../intake/submission.ts'
import { LegalValueId, Nullable, Timestamp } from './common.ts'
import { FaultSchema } from './problem.ts'

const ReceiptDeliverySchema = Type.Object({ agency: Type.String(), deliveryId: Type.String() })

/** The answer to whatever was accepted. */
export const ACCEPTANCE_FIELDS = {
  documentId: Type.String({ description: "The gateway's own key of the document" }),
  edxmlDocumentId: Nullable(Type.String()),
  receipt: Type.String({ description: 'The sealed acceptance receipt, a compact JWS: keep it' }),
  acceptedAt: Timestamp,
  recipients: Type.Array(ReceiptDeliverySchema),
  withdrawn: Type.Array(ReceiptDeliverySchema, {
    description: 'Earlier deliveries that were taken back before they were fetched',
  }),
  asked: Type.Array(ReceiptDeliverySchema, {
    description: 'Earlier deliveries whose recipients have the document and were asked',
  }),
  legalValue: LegalValueId,
  envelopeSignature: Type.Enum(['absent', 'unverifiable', 'invalid', 'valid']),
  packetSha256: Type.String(),
  warnings: Type.Array(FaultSchema),
}
export const AcceptanceSchema = Type.Object(ACCEPTANCE_FIELDS)
export type Acceptance = Static<typeof AcceptanceSchema>

const delivery = ({ agency, delivery }: ReceiptDelivery) => ({ agency, deliveryId: delivery })

export const presentAcceptance = ({ claims, receipt, warnings }: AcceptedDocument): Acceptance => ({
  documentId: claims.document,
  edxmlDocumentId: claims.edxmlDocumentId,
  receipt,
  acceptedAt: claims.acceptedAt,
  recipients: claims.recipients.map(delivery),
  withdrawn: claims.withdrawn.map(delivery),
  asked: claims.asked.map(delivery),
  legalValue: claims.legalValue,
  envelopeSignature: claims.envelopeSignature,
  packetSha256: claims.packetSha256,
  warnings: [...warnings],
})
