import { type AgencyCode, uuidv7 } from '../domain/identifiers.ts'
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

const SELECT = `select delivery.id, delivery.document_id as document, document.sender_code as sender,
    delivery.recipient_code as recipient, document.document_type as "documentType", delivery.urgency,
    document.packet_length as bytes, delivery.route -> 'addressed' as addressed,
    delivery.state in ('waiting', 'available') as "inFlight", document.accepted_at >= $1 as recent
  from delivery join document on document.id = delivery.document_id`

/** Ids begin with the time at which they were given, by the clock of a process that may go wrong by so much. */
const CLOCKS_DIFFER_MS = 3_600_000

/** The first id that can have been given at an instant. */
export const firstIdAt = (instant: Date): string =>
  `${uuidv7(new Date(instant.getTime() - CLOCKS_DIFFER_MS)).slice(0, 13)}-0000-0000-000000000000`

/** Deliveries in flight with ids below one, in the order of their ids. */
export async function inFlightBefore(
  db: Queryable,
  since: Date,
  before: string,
  after: string,
  limit: number,
): Promise<RecentDelivery[]> {
  const { rows } = await db.query<RecentDelivery>(
    `${SELECT} where delivery.state in ('waiting', 'available') and delivery.id > $2 and delivery.id < $3
      order by delivery.id limit $4`,
    [since, after, before, limit],
  )
  return rows
}

/** Deliveries of documents accepted since an instant, and those in flight, in the order of their ids. */
export async function recentDeliveries(
  db: Queryable,
  since: Date,
  after: string,
  limit: number,
): Promise<RecentDelivery[]> {
  const { rows } = await db.query<RecentDelivery>(
    `${SELECT} where delivery.id > $2 and (document.accepted_at >= $1 or delivery.state in ('waiting', 'available'))
      order by delivery.id limit $3`,
    [since, after, limit],
  )
  return rows
}
