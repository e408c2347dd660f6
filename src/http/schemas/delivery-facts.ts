import { type Static, Type } from 'typebox'
import type { DeliveryRecord } from '../../db/deliveries.ts'
import { recipientName } from '../../domain/addressed.ts'
import { AddressedAs, presentAddressedAs } from './addressed-as.ts'
import { ChannelIdSchema, DeliveryStateId, iso, isoOrNull, Nullable, Text, Timestamp } from './common.ts'

const Reason = Type.Object(
  {
    code: Type.Optional(Type.String()),
    explanation: Type.Optional(Text),
    by: Type.Optional(Type.String({ description: 'The document that brought it about' })),
  },
  { description: 'Why it failed or was withdrawn' },
)

export const RequestStateSchema = Nullable(Type.Enum(['requested', 'agreed', 'objected']))
export const ProcessingStatus = Nullable(
  Type.String({ description: 'Highest of the codes 01 to 06 that the recipient reported' }),
)

/** Where a document is on its way to one recipient, for its sender. */
export const DeliveryFactsSchema = Type.Object({
  deliveryId: Type.String(),
  agency: Type.String(),
  name: Type.String(),
  addressedAs: AddressedAs,
  state: DeliveryStateId,
  stateSince: Timestamp,
  channel: ChannelIdSchema,
  attempts: Type.Integer(),
  nextAttemptAt: Nullable(Timestamp),
  handedOverAt: Nullable(Timestamp),
  acknowledgedAt: Nullable(Timestamp),
  processingStatus: ProcessingStatus,
  requestState: RequestStateSchema,
  reason: Nullable(Reason),
})
export type DeliveryFacts = Static<typeof DeliveryFactsSchema>

export const presentDelivery = (delivery: DeliveryRecord): DeliveryFacts => ({
  deliveryId: delivery.key,
  agency: delivery.recipient,
  name: recipientName(delivery.recipient, delivery.route.addressed),
  ...presentAddressedAs(delivery.recipient, delivery.route.addressed),
  state: delivery.state,
  stateSince: iso(delivery.stateSince),
  channel: delivery.channel,
  attempts: delivery.attempts,
  nextAttemptAt: isoOrNull(delivery.nextAttemptAt),
  handedOverAt: isoOrNull(delivery.handedOverAt),
  acknowledgedAt: isoOrNull(delivery.acknowledgedAt),
  processingStatus: delivery.processingStatus,
  requestState: delivery.requestState,
  reason: (delivery.reason ?? null) as DeliveryFacts['reason'],
})
