import { namedOtherwise } from '../domain/addressed.ts'
import type { AffectedDelivery, Effects } from '../domain/effects.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { AcceptanceReceipt, PartlyWithdrawn, ReceiptDelivery } from '../domain/receipt.ts'
import type { PlannedDelivery } from './plan-deliveries.ts'
import { attachmentsOf, introducesDocument, type SealedDocument } from './submission.ts'

/** What the acceptance receipt says of a document. */
export function receiptClaims(
  document: SealedDocument,
  acceptedAt: Date,
  effects: Effects,
  deliveries: readonly PlannedDelivery[],
): AcceptanceReceipt {
  const { envelope, sender, expansions } = document
  return {
    event: 'SubmissionAcceptance',
    document: document.key,
    edxmlDocumentId: (envelope.kind === 'document' && envelope.documentId) || null,
    sender: sender.code,
    senderName: sender.name,
    recipients: deliveries.map(toRecipient),
    ...(expansions.length > 0 && {
      groups: expansions.map(({ group, name, directoryRevision, members }) => ({
        code: group,
        name,
        directoryRevision,
        members: introducesDocument(envelope) ? membersAmong(deliveries, group) : members.length,
      })),
    }),
    withdrawn: effects.withdraw.map(toEarlier(document)),
    ...(effects.withdrawInPart.length > 0 && {
      withdrawnInPart: effects.withdrawInPart.map(toEarlierInPart(document)),
    }),
    asked: effects.ask.map(toEarlier(document)),
    packetSha256: document.packet.sha256,
    packetLength: document.packet.length,
    attachments: attachmentsOf(envelope).map(({ contentId, name, sha256 }) => ({ contentId, name, sha256 })),
    envelopeSignature: document.report.envelope,
    legalValue: document.legalValue,
    acceptedAt: acceptedAt.toISOString(),
  }
}

/** Of a group, those to whom this hand-in brings the packet. */
const membersAmong = (deliveries: readonly PlannedDelivery[], code: AgencyCode): number =>
  deliveries.filter(({ route }) => route.addressed?.some(({ group }) => group?.code === code)).length

const toRecipient = ({ key, recipient, name, route }: PlannedDelivery): ReceiptDelivery => {
  const others = namedOtherwise(recipient, route.addressed)
  return { agency: recipient, name, delivery: key, ...(others.length > 0 && { addressedAs: others }) }
}

const toEarlierInPart =
  (document: SealedDocument) =>
  (delivery: AffectedDelivery): PartlyWithdrawn => ({
    ...toEarlier(document)(delivery),
    withdrawnFrom: delivery.names.spoken,
    staysFor: delivery.names.left,
  })

const toEarlier =
  ({ registry, day }: SealedDocument) =>
  ({ key, recipient }: AffectedDelivery): ReceiptDelivery => ({
    agency: recipient,
    name: registry.directory.agency(recipient, day)?.name ?? recipient,
    delivery: key,
  })
