import type { ChannelId } from '../domain/channel-id.ts'
import type { AgencyCode, DeliveryKey, DocumentKey } from '../domain/identifiers.ts'
import { quietReason } from '../domain/quiet-hours.ts'
import type { DeliveryExplanation } from '../domain/routing-rule.ts'
import type { TierCode } from '../domain/tier.ts'
import type { Urgency } from '../domain/urgency.ts'
import { isLocal } from './delivery-conditions.ts'
import { rowsInto } from './write-rows.ts'
import type { Writing } from './write-together.ts'

export interface NewDelivery {
  readonly key: DeliveryKey
  readonly recipient: AgencyCode
  readonly tier: TierCode
  readonly channel: ChannelId
  readonly route: Partial<DeliveryExplanation>
  /** The end of the quiet hours for which it waits; at once where absent or null. */
  readonly firstAttemptAt?: Date | null
  /** Why it waits until then; the quiet hours where left out. */
  readonly waitsBecause?: unknown
}

/** The deliveries of one document. */
export interface DeliveriesOf {
  readonly document: DocumentKey
  readonly kind: 'document' | 'status'
  readonly urgency: Urgency
  /** The document's own instant, to the microsecond that is stored of it: deliveries are searched for by it. */
  readonly acceptedAt: Date
  readonly deliveries: readonly NewDelivery[]
  /**
   * Whether those that are due at once are told to the outbox now, or fed to it later: a circular would hold up what is
   * urgent.
   */
  readonly feed: 'now' | 'later'
}

const DELIVERIES = rowsInto({
  name: 'deliveries',
  table: 'delivery',
  columns: {
    id: 'uuid',
    document_id: 'uuid',
    kind: 'text',
    recipient_code: 'text',
    tier: 'text',
    urgency: 'smallint',
    channel: 'text',
    route: 'jsonb',
    reason: 'jsonb',
    // Given: a document that the same statement writes cannot be read by it.
    accepted_at: 'timestamptz',
  },
  given: { first_attempt_at: 'timestamptz', is_told: 'boolean' },
  derived: {
    next_attempt_at: 'coalesce(delivery.first_attempt_at, clock_timestamp())',
    enqueued_at: 'case when delivery.is_told then clock_timestamp() end',
  },
})

const OUTBOX = rowsInto({
  name: 'outbox',
  table: 'outbox',
  columns: { delivery_id: 'uuid', epoch: 'bigint', tier: 'text', urgency: 'smallint', is_local: 'boolean' },
})

/** A delivery begins with this lease epoch. */
const FIRST_EPOCH = 0

/** Deliveries, and what the outbox is told of them. */
export function writeDeliveries(of: readonly DeliveriesOf[]): Writing[] {
  const rows = of.flatMap(({ document, kind, urgency, acceptedAt, deliveries, feed }) =>
    deliveries.map((delivery) => ({
      id: delivery.key,
      document_id: document,
      kind,
      recipient_code: delivery.recipient,
      tier: delivery.tier,
      urgency,
      channel: delivery.channel,
      route: delivery.route,
      reason: delivery.firstAttemptAt
        ? (delivery.waitsBecause ?? quietReason(delivery.firstAttemptAt))
        : null,
      accepted_at: acceptedAt,
      first_attempt_at: delivery.firstAttemptAt ?? null,
      is_told: feed === 'now' && !delivery.firstAttemptAt,
    })),
  )
  const told = rows.filter(({ is_told }) => is_told)
  return [
    ...(rows.length > 0 ? [DELIVERIES(rows)] : []),
    ...(told.length > 0 ? [OUTBOX(told.map(outboxRow))] : []),
  ]
}

const outboxRow = ({ id, tier, urgency, channel, route }: OutboxFacts) => ({
  delivery_id: id,
  epoch: FIRST_EPOCH,
  tier,
  urgency,
  is_local: isLocal(channel, route),
})

interface OutboxFacts {
  readonly id: DeliveryKey
  readonly tier: TierCode
  readonly urgency: Urgency
  readonly channel: ChannelId
  readonly route: Partial<DeliveryExplanation>
}

const CHUNK = 2_000

/** The same deliveries in parts that one statement takes. */
export function inChunks(of: DeliveriesOf): DeliveriesOf[] {
  const { deliveries } = of
  const count = Math.ceil(deliveries.length / CHUNK)
  return Array.from({ length: count }, (_, index) => ({
    ...of,
    deliveries: deliveries.slice(index * CHUNK, (index + 1) * CHUNK),
  }))
}
