import type { AgencyCode } from '../domain/identifiers.ts'
import type { Addressed } from '../domain/routing-rule.ts'
import type { Urgency } from '../domain/urgency.ts'
import type { Queryable } from './pool.ts'

/** A delivery with what decides where it goes. */
export interface RecentDelivery {
  readonly id: string
  readonly document: string
  readonly sender: AgencyCode
  readonly recipient: AgencyCode
  readonly documentType: string | null
  readonly urgency: Urgency
  /** Length of the packet. */
  readonly bytes: number
  /** The names of the packet that led to it; null for one of an earlier release. */
  readonly addressed: readonly Addressed[] | null
  /** Waiting, or in the inbox and not handed over. */
  readonly inFlight: boolean
  /** Accepted within the days that were asked for. */
  readonly recent: boolean
}

/** Deliveries of documents accepted since an instant, and those in flight however old, in the order of their ids. */
export async function recentDeliveries(
  db: Queryable,
  since: Date,
  after: string,
  limit: number,
): Promise<RecentDelivery[]> {
  const { rows } = await db.query<RecentDelivery>(
    `select delivery.id, delivery.document_id as document, document.sender_code as sender,
        delivery.recipient_code as recipient, document.document_type as "documentType", delivery.urgency,
        document.packet_length as bytes, delivery.route -> 'addressed' as addressed,
        delivery.state in ('waiting', 'available') as "inFlight", document.accepted_at >= $1 as recent
      from delivery join document on document.id = delivery.document_id
      where delivery.id > $2 and (document.accepted_at >= $1 or delivery.state in ('waiting', 'available'))
      order by delivery.id limit $3`,
    [since, after, limit],
  )
  return rows
}
