import type { ChannelId } from '../domain/channel-id.ts'
import type { DeliveryState } from '../domain/delivery-state.ts'
import { type AgencyCode, agencyCode, type DeliveryKey, type DocumentKey } from '../domain/identifiers.ts'
import { quietReason } from '../domain/quiet-hours.ts'
import type { TierCode } from '../domain/tier.ts'
import type { Urgency } from '../domain/urgency.ts'
import { SUPERSEDE_ATTEMPTS } from './attempts.ts'
import { DELIVERY_COLUMNS, type DeliveryRecord, type DeliveryRow, toDelivery } from './deliveries.ts'
import type { Queryable, Transaction } from './pool.ts'

/** What the recipient does not hold, and may still go elsewhere. */
export const IN_FLIGHT: readonly DeliveryState[] = ['waiting', 'available', 'failed']

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
      join delivery on delivery.recipient_code = closed.code and delivery.state = any($3)
      join document on document.id = delivery.document_id
      where coalesce(split_part(delivery.stays_under, ' ', 2) not in (closed.under, $4), true)
      order by delivery.urgency desc, delivery.id limit $5`,
    values: [closed.map(({ code }) => code), closed.map(({ under }) => under), IN_FLIGHT, alsoUnder, limit],
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

/** One document to one recipient. */
export interface Pair {
  readonly document: DocumentKey
  readonly recipient: AgencyCode
}

/**
 * The deliveries of these documents to these recipients, locked until the transaction ends; one statement in the order of
 * keys, so that two deciders cannot lock each other out.
 */
export async function lockPairs(db: Transaction, pairs: readonly Pair[]): Promise<DeliveryRecord[]> {
  const { rows } = await db.query<DeliveryRow>({
    name: 'lock-pairs',
    text: `select ${DELIVERY_COLUMNS} from delivery
      where (document_id, recipient_code) in (select * from unnest($1::uuid[], $2::text[])) order by id for update`,
    values: [pairs.map(({ document }) => document), pairs.map(({ recipient }) => recipient)],
  })
  return rows.map(toDelivery)
}

export interface Redirection {
  readonly key: DeliveryKey
  readonly from: AgencyCode
  readonly to: AgencyCode
  readonly tier: TierCode
  readonly channel: ChannelId
  readonly route: unknown
  /** The end of the quiet hours for which it waits; due at once where null. */
  readonly firstAttemptAt: Date | null
}

/** The number that a delivery had in the inbox that it leaves stays with that inbox, on record. */
const DEPART = `departed as (
    insert into inbox_departure (agency_code, inbox_number, delivery_id, moved_to)
    select before.recipient_code, before.inbox_number, before.id, $3 from before join moved on moved.id = before.id
    where before.inbox_number is not null)`

/** Deliveries that may still leave, as they are before they do. */
const BEFORE = `before as (
    select id, recipient_code, inbox_number from delivery
    where id = $1 and recipient_code = $2 and state = any($4) for update)`

/**
 * Gives a delivery that was not handed over to another recipient, with all attempts before it. Whoever works on it is
 * fenced off. It becomes due, and is fed to the queue like any other that is. Returns whether it was still to be had.
 */
export async function redirectDelivery(db: Transaction, redirection: Redirection): Promise<boolean> {
  const { key, from, to, tier, channel, route, firstAttemptAt } = redirection
  const { rowCount } = await db.query({
    name: 'redirect-delivery',
    text: `with ${BEFORE},
      moved as (
        update delivery set recipient_code = $3, tier = $5, channel = $6, route = $7, state = 'waiting',
          state_since = clock_timestamp(), next_attempt_at = coalesce($8, clock_timestamp()), enqueued_at = null,
          inbox_number = null, claim_token = null, claim_until = null, lease_until = null,
          lease_epoch = lease_epoch + 1, attempts = 0, abandonments = 0, reason = $9, stays_under = null
        from before where delivery.id = before.id returning delivery.id),
      closed as (${SUPERSEDE_ATTEMPTS}), ${DEPART}
      select id from moved`,
    values: [
      key,
      from,
      to,
      IN_FLIGHT,
      tier,
      channel,
      JSON.stringify(route),
      firstAttemptAt,
      firstAttemptAt && JSON.stringify(quietReason(firstAttemptAt)),
    ],
  })
  return rowCount === 1
}

/**
 * Gives up a delivery that was not handed over, and takes it out of the inbox in which it lay. Returns whether it was
 * still to be had.
 */
export async function bounceDelivery(
  db: Transaction,
  key: DeliveryKey,
  from: AgencyCode,
  reason: unknown,
  under: string,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'bounce-delivery',
    text: `with ${BEFORE},
      moved as (
        update delivery set state = 'failed', state_since = clock_timestamp(), next_attempt_at = null,
          enqueued_at = null, inbox_number = null, claim_token = null, claim_until = null, lease_until = null,
          lease_epoch = lease_epoch + 1, reason = $5, stays_under = $6
        from before where delivery.id = before.id returning delivery.id),
      closed as (${SUPERSEDE_ATTEMPTS}), ${DEPART}
      select id from moved`,
    values: [key, from, null, IN_FLIGHT, JSON.stringify(reason), `bounced ${under}`],
  })
  return rowCount === 1
}

/**
 * Notes why a delivery stays where it is, and under what that was decided. Returns whether it is news: whether it was not
 * known to stay for the same cause before.
 */
export async function noteStay(
  db: Transaction,
  key: DeliveryKey,
  because: string,
  under: string,
): Promise<boolean> {
  const { rows } = await db.query<{ news: boolean }>({
    name: 'note-stay',
    text: `with before as (select id, stays_under from delivery where id = $1 for update)
      update delivery set stays_under = concat($2::text, ' ', $3::text) from before where delivery.id = before.id
      returning split_part(before.stays_under, ' ', 1) is distinct from $2 as news`,
    values: [key, because, under],
  })
  return rows[0]?.news ?? false
}

/** Writes the explanation of a delivery anew: it has got more names. */
export async function writeRoute(db: Transaction, key: DeliveryKey, route: unknown): Promise<void> {
  await db.query({
    name: 'write-route',
    text: 'update delivery set route = $2 where id = $1',
    values: [key, JSON.stringify(route)],
  })
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
