import type { DeliveryState } from '../domain/delivery-state.ts'
import { type AgencyCode, agencyCode, type DeliveryKey, type DocumentKey } from '../domain/identifiers.ts'
import type { Urgency } from '../domain/urgency.ts'
import { DELIVERY_COLUMNS, type DeliveryRecord, type DeliveryRow, toDelivery } from './deliveries.ts'
import type { Queryable, Transaction } from './pool.ts'

/** What the recipient does not hold, and may still go elsewhere. */
export const IN_FLIGHT: readonly DeliveryState[] = ['waiting', 'available', 'failed']
/** Written out, so that the index over these alone serves whatever the parameters are. */
const IS_IN_FLIGHT = `delivery.state in (${IN_FLIGHT.map((state) => `'${state}'`).join(', ')})`

/**
 * Whether a delivery has a say in the state of its document: not one that was joined with the successor's, for what
 * becomes of the document there is told by that one.
 */
export const HAS_A_SAY = `(delivery.reason ->> 'code') is distinct from 'joined'`

/** A delivery whose recipient has closed, with what decides where it goes. */
export interface InFlightDelivery {
  readonly key: DeliveryKey
  readonly document: DocumentKey
  readonly recipient: AgencyCode
  readonly sender: AgencyCode
  readonly documentType: string | undefined
  readonly urgency: Urgency
  /** Length of the packet. */
  readonly bytes: number
}

interface Row {
  id: DeliveryKey
  document_id: DocumentKey
  recipient_code: string
  sender_code: string
  document_type: string | null
  urgency: Urgency
  packet_length: number
}

/**
 * Deliveries that were not handed over and whose recipient is one of these, the most urgent first; without those of
 * which it was decided, under what still holds, that they stay.
 * @param closed codes, each with what a decision to stay rests on
 * @param alsoUnder another thing on which such a decision may rest
 */
export async function findInFlight(
  db: Queryable,
  closed: readonly { readonly code: AgencyCode; readonly under: string }[],
  alsoUnder: string,
  limit: number,
): Promise<InFlightDelivery[]> {
  const { rows } = await db.query<Row>({
    name: 'find-in-flight',
    text: `select delivery.id, delivery.document_id, delivery.recipient_code, delivery.urgency, document.sender_code,
        document.document_type, document.packet_length
      from unnest($1::text[], $2::text[]) as closed (code, under)
      join delivery on delivery.recipient_code = closed.code and ${IS_IN_FLIGHT}
      join document on document.id = delivery.document_id
      where coalesce(split_part(delivery.stays_under, ' ', 2) not in (closed.under, $3), true)
      order by delivery.urgency desc, delivery.id limit $4`,
    values: [closed.map(({ code }) => code), closed.map(({ under }) => under), alsoUnder, limit],
  })
  return rows.map((row) => ({
    key: row.id,
    document: row.document_id,
    recipient: agencyCode(row.recipient_code),
    sender: agencyCode(row.sender_code),
    documentType: row.document_type ?? undefined,
    urgency: row.urgency,
    bytes: row.packet_length,
  }))
}

/** A delivery that nobody else changes until the transaction ends. */
export interface LockedDelivery extends DeliveryRecord {
  /** Why it stays with an agency that closed, and under what that was decided; null where it was not. */
  readonly staysUnder: string | null
}

/** One document to one recipient. */
export interface Pair {
  readonly document: DocumentKey
  readonly recipient: AgencyCode
}

/**
 * The deliveries of these documents to these recipients, locked until the transaction ends; one statement in the order of
 * keys, so that two deciders cannot lock each other out.
 */
export async function lockPairs(db: Transaction, pairs: readonly Pair[]): Promise<LockedDelivery[]> {
  const { rows } = await db.query<DeliveryRow & { stays_under: string | null }>({
    name: 'lock-pairs',
    text: `select ${DELIVERY_COLUMNS}, delivery.stays_under from delivery
      where (document_id, recipient_code) in (select * from unnest($1::uuid[], $2::text[])) order by id for update`,
    values: [pairs.map(({ document }) => document), pairs.map(({ recipient }) => recipient)],
  })
  return rows.map((row) => ({ ...toDelivery(row), staysUnder: row.stays_under }))
}

/** Where a delivery went that once lay in an inbox; undefined where it never did, null where it was given up. */
export async function findDeparture(
  db: Queryable,
  agency: AgencyCode,
  key: DeliveryKey,
): Promise<AgencyCode | null | undefined> {
  const { rows } = await db.query<{ moved_to: string | null }>({
    name: 'find-departure',
    text: `select moved_to from inbox_departure where agency_code = $1 and delivery_id = $2
      order by departed_at desc limit 1`,
    values: [agency, key],
  })
  const departure = rows[0]
  if (departure === undefined) return undefined
  return departure.moved_to === null ? null : agencyCode(departure.moved_to)
}
