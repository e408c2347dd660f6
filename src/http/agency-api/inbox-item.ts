import { type Static, Type } from 'typebox'
import type { InboxItem } from '../../db/inbox.ts'
import { AddressedAs, presentAddressedAs } from '../schemas/addressed-as.ts'
import {
  DeliveryStateId,
  iso,
  isoOrNull,
  LegalValueId,
  Nullable,
  OperationId,
  Timestamp,
  UrgencyNumber,
} from '../schemas/common.ts'
import { Excerpt, excerpt } from '../schemas/excerpt.ts'

/** One document as it lies in the inbox. */
export const InboxItemSchema = Type.Object({
  deliveryId: Type.String(),
  number: Type.Integer({ description: 'Running number of this inbox, without gaps' }),
  state: DeliveryStateId,
  documentId: Type.String(),
  kind: Type.Enum(['document', 'status']),
  operation: Nullable(OperationId),
  statusCode: Nullable(Type.String()),
  sender: Type.String(),
  senderName: Type.String(),
  addressedAs: AddressedAs,
  edxmlDocumentId: Nullable(Type.String()),
  subject: Excerpt,
  codeNumber: Excerpt,
  codeNotation: Excerpt,
  urgency: UrgencyNumber,
  legalValue: LegalValueId,
  packetSha256: Type.String(),
  packetLength: Type.Integer(),
  acceptedAt: Timestamp,
  claimUntil: Nullable(Timestamp),
})

export const presentItem = (item: InboxItem): Static<typeof InboxItemSchema> => {
  const { delivery, document, acceptedAt, claimUntil, recipient, addressed, ...rest } = item
  return {
    ...rest,
    ...presentAddressedAs(recipient, addressed),
    subject: excerpt(item.subject),
    codeNumber: excerpt(item.codeNumber),
    codeNotation: excerpt(item.codeNotation),
    deliveryId: delivery,
    documentId: document,
    acceptedAt: iso(acceptedAt),
    claimUntil: isoOrNull(claimUntil),
  }
}
