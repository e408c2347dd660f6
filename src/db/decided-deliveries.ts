import type { ChannelId } from '../domain/channel-id.ts'
import {
  type AgencyCode,
  agencyCode,
  type DeliveryKey,
  type DocumentKey,
  documentKey,
} from '../domain/identifiers.ts'
import type { DeliveryExplanation } from '../domain/routing-rule.ts'
import type { Urgency } from '../domain/urgency.ts'
import type { Queryable } from './pool.ts'

/** A delivery with what its route was decided from. */
export interface DecidedDelivery {
  readonly key: DeliveryKey
  readonly document: DocumentKey
  readonly sender: AgencyCode
  readonly recipient: AgencyCode
  readonly channel: ChannelId
  readonly urgency: Urgency
  readonly documentType: string | null
  /** Length of the packet. */
  readonly bytes: number
  readonly acceptedAt: Date
  /** When it was last moved to a successor while it was under way; null where it never was. */
  readonly movedAt: Date | null
  /** What is kept of the decision; deliveries of earlier releases keep less. */
  readonly route: Partial<DeliveryExplanation>
}

interface Row {
  document_id: string
  sender_code: string
  recipient_code: string
  channel: ChannelId
  urgency: Urgency
  document_type: string | null
  packet_length: number
  accepted_at: Date
  moved_at: Date | null
  route: Partial<DeliveryExplanation>
}

export async function findDecidedDelivery(
  db: Queryable,
  key: DeliveryKey,
): Promise<DecidedDelivery | undefined> {
  const { rows } = await db.query<Row>(
    `select delivery.document_id, document.sender_code, delivery.recipient_code, delivery.channel, document.urgency,
        document.document_type, document.packet_length, document.accepted_at, delivery.route,
        (select max(at) from audit_event where delivery_id = delivery.id and kind = 'delivery-redirected') as moved_at
      from delivery join document on document.id = delivery.document_id where delivery.id = $1`,
    [key],
  )
  const row = rows[0]
  return (
    row && {
      key,
      document: documentKey(row.document_id),
      sender: agencyCode(row.sender_code),
      recipient: agencyCode(row.recipient_code),
      channel: row.channel,
      urgency: row.urgency,
      documentType: row.document_type,
      bytes: row.packet_length,
      acceptedAt: row.accepted_at,
      movedAt: row.moved_at,
      route: row.route,
    }
  )
}
