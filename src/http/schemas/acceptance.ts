import { type Static, Type } from 'typebox'
import type { PartlyWithdrawn, ReceiptDelivery } from '../../domain/receipt.ts'
import type { AcceptedDocument } from '../../intake/submission.ts'
import { AddressedAs, presentAddressed, presentAddressedAs } from './addressed-as.ts'
import { LegalValueId, Nullable, Timestamp } from './common.ts'
import { FaultSchema } from './problem.ts'
import { AddressedSchema } from './route-explanation.ts'

const ReceiptDeliverySchema = Type.Object({
  agency: Type.String({ description: 'Who really gets it' }),
  name: Type.Optional(Type.String({ description: 'Its name on the day of acceptance' })),
  deliveryId: Type.String(),
  addressedAs: AddressedAs,
})

/** The answer to whatever was accepted. */
export const ACCEPTANCE_FIELDS = {
  documentId: Type.String({ description: "The gateway's own key of the document" }),
  edxmlDocumentId: Nullable(Type.String()),
  receipt: Type.String({ description: 'The sealed acceptance receipt, a compact JWS: keep it' }),
  acceptedAt: Timestamp,
  recipients: Type.Array(ReceiptDeliverySchema),
  groups: Type.Optional(
    Type.Array(
      Type.Object({
        code: Type.String(),
        name: Type.String(),
        directoryRevision: Type.Integer(),
        members: Type.Integer({ description: 'How many got it through the group' }),
      }),
      { description: 'Address groups that the packet names, as they were expanded' },
    ),
  ),
  withdrawn: Type.Array(ReceiptDeliverySchema, {
    description: 'Earlier deliveries that were taken back before they were fetched',
  }),
  withdrawnInPart: Type.Optional(
    Type.Array(
      Type.Object({
        agency: Type.String(),
        name: Type.Optional(Type.String()),
        deliveryId: Type.String(),
        withdrawnFrom: Type.Array(AddressedSchema, { description: 'The names that were taken back' }),
        staysFor: Type.Array(AddressedSchema, {
          description: 'The names for which it still gets the document',
        }),
      }),
      { description: 'Earlier deliveries that were taken back from some of the names that led there' },
    ),
  ),
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

const delivery = ({ agency, name, delivery, addressedAs }: ReceiptDelivery) => ({
  agency,
  ...(name !== undefined && { name }),
  deliveryId: delivery,
  ...presentAddressedAs(agency, addressedAs),
})

const partly = ({ agency, name, delivery, withdrawnFrom, staysFor }: PartlyWithdrawn) => ({
  agency,
  ...(name !== undefined && { name }),
  deliveryId: delivery,
  withdrawnFrom: withdrawnFrom.map(presentAddressed),
  staysFor: staysFor.map(presentAddressed),
})

export const presentAcceptance = ({ claims, receipt, warnings }: AcceptedDocument): Acceptance => ({
  documentId: claims.document,
  edxmlDocumentId: claims.edxmlDocumentId,
  receipt,
  acceptedAt: claims.acceptedAt,
  recipients: claims.recipients.map(delivery),
  ...(claims.groups !== undefined && { groups: [...claims.groups] }),
  withdrawn: claims.withdrawn.map(delivery),
  ...(claims.withdrawnInPart !== undefined && { withdrawnInPart: claims.withdrawnInPart.map(partly) }),
  asked: claims.asked.map(delivery),
  legalValue: claims.legalValue,
  envelopeSignature: claims.envelopeSignature,
  packetSha256: claims.packetSha256,
  warnings: [...warnings],
})
