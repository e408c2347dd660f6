import { Type } from 'typebox'
import type { AdminDelivery } from '../../db/admin-deliveries.ts'
import type { AttemptRecord } from '../../db/attempts.ts'
import { deliveryKey } from '../../domain/identifiers.ts'
import {
  AttemptStateId,
  ChannelIdSchema,
  DateTime,
  DeliveryStateId,
  Nullable,
  NullableDateTime,
  Uuid,
} from '../schemas/common.ts'
import { DeliveryExplanationSchema } from '../schemas/route-explanation.ts'

export const DeliveryParam = Type.Object({ id: Uuid })
export const keyOf = (params: { readonly id: string }) => deliveryKey(params.id)

const FACTS = {
  id: Type.String(),
  document: Type.String(),
  sender: Type.String(),
  recipient: Type.String(),
  tier: Type.String(),
  urgency: Type.Integer(),
  channel: ChannelIdSchema,
  state: DeliveryStateId,
  stateSince: DateTime,
  acceptedAt: DateTime,
  attempts: Type.Integer(),
  nextAttemptAt: NullableDateTime,
  inboxNumber: Nullable(Type.Integer()),
  handedOverAt: NullableDateTime,
  acknowledgedAt: NullableDateTime,
  processingStatus: Nullable(Type.String()),
  requestState: Nullable(Type.String()),
  mayHaveLeft: Type.Boolean({
    description: 'Another exchange may hold it: it was sent there, and nothing proves that it was not taken',
  }),
  remoteId: Nullable(Type.String({ description: 'Under which number another exchange keeps it' })),
  reason: Type.Unknown({ description: 'Why it failed, waits again or was withdrawn; null otherwise' }),
  paused: Type.Boolean({ description: 'Its recipient is paused' }),
}

export const DeliverySchema = Type.Object(FACTS)

const AttemptSchema = Type.Object({
  epoch: Type.Integer(),
  channel: ChannelIdSchema,
  worker: Type.String(),
  state: AttemptStateId,
  startedAt: DateTime,
  finishedAt: NullableDateTime,
  detail: Type.Unknown(),
})

export const DeliveryDetailSchema = Type.Object({
  ...FACTS,
  route: Type.Unsafe<unknown>(DeliveryExplanationSchema),
  attemptRecords: Type.Array(AttemptSchema),
})

export const presentDelivery = ({ key, ...delivery }: AdminDelivery) => ({ id: key, ...delivery })

export const presentDetail = (delivery: AdminDelivery, attempts: readonly AttemptRecord[]) => ({
  ...presentDelivery(delivery),
  attemptRecords: [...attempts],
})
