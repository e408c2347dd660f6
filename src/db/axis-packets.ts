import type { AxisMessageType } from '../domain/axis/arrival.ts'
import type { PacketStatus } from '../domain/axis/packet-status.ts'
import type { DeliveryState } from '../domain/delivery-state.ts'
import {
  type AgencyCode,
  agencyCode,
  type DeliveryKey,
  type DocumentKey,
  deliveryKey,
  documentKey,
} from '../domain/identifiers.ts'
import { listText } from './list-text.ts'
import type { Queryable } from './pool.ts'

/** The kind of packet that each message type of the axis interface means. */
const KINDS: Record<AxisMessageType, 'document' | 'status'> = { edoc: 'document', status: 'status' }

/** Packets in one list, and rows of one packet. They stand in the texts: of a number to come the planner knows nothing. */
const MOST_LISTED = 1_000
const MOST_RECIPIENTS = 20_000

/** What a receiving system has told of a delivery, looked up for each: a join may read everything ever told. */
const TOLD = `left join lateral (select one.status, one.description, one.changed_at from axis_packet_status as one
    where one.delivery_id = delivery.id offset 0) as told on true`

/** The same for the sender, who is told that a confirmed packet is done, whatever was told of it before. */
const TOLD_IN_BETWEEN = `left join lateral (select one.status, one.description from axis_packet_status as one
    where one.delivery_id = delivery.id and delivery.state <> 'acknowledged' offset 0) as told on true`

/**
 * Whether a receiving system has told last that it could do nothing with a packet. Looked up for each (`offset` keeps it
 * from becoming a join), in an index of those alone.
 */
const TOLD_FAIL = `exists (select from axis_packet_status as one
  where one.delivery_id = delivery.id and one.status = 'fail' offset 0)`

/** What a recipient has still to take: see `inbox.ts`. */
const TO_FETCH = `delivery.state in ('waiting', 'available', 'handed-over', 'failed') and delivery.inbox_number is not null`

/** Whether a document was accepted from one instant on and before another, where they are given. */
const accepted = (since: string, before: string, document = 'document'): string =>
  `${document}.accepted_at >= coalesce(${since}::timestamptz, '-infinity')
    and ${document}.accepted_at < coalesce(${before}::timestamptz, 'infinity')`

/** A packet on the list of those that a system is to fetch. */
export interface PacketToFetch {
  readonly delivery: DeliveryKey
  readonly messageType: AxisMessageType
  readonly from: AgencyCode
  readonly to: AgencyCode
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly status: PacketStatus
  readonly description: string | null
}

export interface PacketFilter {
  readonly agencies: readonly AgencyCode[]
  readonly messageType: AxisMessageType
  /** By the time of acceptance: from this instant, before that one. */
  readonly since: Date | null
  readonly before: Date | null
}

/** Keys of what lies for agencies `$1`. Of the many agencies of one system only those are read that the index tells. */
const lying = (isWanted: string, most: string): string =>
  `select first.id, first.urgency from unnest($1::text[]) as served (code)
    cross join lateral (
      select delivery.id, delivery.urgency from delivery
      where delivery.recipient_code = served.code and delivery.kind = $2 and ${TO_FETCH} and ${isWanted}
        and ($3::timestamptz is null and $4::timestamptz is null or exists (
          select from document where document.id = delivery.document_id and ${accepted('$3', '$4')}))
      order by delivery.urgency desc, delivery.id limit ${most}) as first
    order by first.urgency desc, first.id limit ${most}`

/**
 * What lies for some agencies and was not confirmed: the most urgent first, then in the order of acceptance, which that of
 * the keys is; a thousand at most. What was told `fail` stands last, in the same order: it hides nothing that is newer.
 */
export async function listPacketsToFetch(
  db: Queryable,
  { agencies, messageType, since, before }: PacketFilter,
): Promise<PacketToFetch[]> {
  const { rows } = await db.query<{
    delivery: string
    sender: string
    recipient: string
    created_at: Date
    updated_at: Date
    status: PacketStatus
    description: string | null
  }>({
    name: 'list-packets-to-fetch',
    text: `with fresh as materialized (${lying(`not ${TOLD_FAIL}`, `${MOST_LISTED}`)}),
      told_fail as materialized (${lying(TOLD_FAIL, `(select ${MOST_LISTED} - count(*) from fresh)`)})
      select delivery.id as delivery, document.sender_code as sender, delivery.recipient_code as recipient,
        document.accepted_at as created_at, greatest(delivery.state_since, told.changed_at) as updated_at,
        coalesce(told.status, 'initial') as status, told.description
      from (select 0 as part, id, urgency from fresh union all select 1, id, urgency from told_fail) as lying
      join delivery on delivery.id = lying.id
      join document on document.id = delivery.document_id
      ${TOLD}
      order by lying.part, lying.urgency desc, lying.id`,
    values: [agencies, KINDS[messageType], since, before],
  })
  return rows.map((row) => ({
    delivery: deliveryKey(row.delivery),
    messageType,
    from: agencyCode(row.sender),
    to: agencyCode(row.recipient),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    status: row.status,
    description: row.description,
  }))
}

/** How many packets lie for some agencies and were not confirmed. */
export async function countPacketsToFetch(
  db: Queryable,
  agencies: readonly AgencyCode[],
  messageType: AxisMessageType,
): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'count-packets-to-fetch',
    text: `select count(*) as count from delivery
      where delivery.recipient_code = any($1) and delivery.kind = $2 and ${TO_FETCH}`,
    values: [agencies, KINDS[messageType]],
  })
  return rows[0]!.count
}

/** One packet that some agencies sent, on its way to one recipient. */
export interface SentPacket {
  readonly document: DocumentKey
  readonly delivery: DeliveryKey
  readonly messageType: AxisMessageType
  readonly from: AgencyCode
  readonly to: AgencyCode
  readonly state: DeliveryState
  readonly status: PacketStatus | null
  readonly description: string | null
  readonly subject: string | null
  readonly codeNumber: string | null
  readonly codeNotation: string | null
  readonly acceptedAt: Date
  readonly takenAt: Date | null
}

interface SentRow extends Omit<SentPacket, 'messageType' | 'document' | 'delivery' | 'from' | 'to'> {
  readonly document: string
  readonly delivery: string
  readonly from: string
  readonly to: string
}

const SENT_COLUMNS = `sent.id as document, delivery.id as delivery, sent.sender_code as "from",
  delivery.recipient_code as "to", delivery.state, told.status, told.description, ${listText('sent.subject')} as subject,
  sent.code_number as "codeNumber", sent.code_notation as "codeNotation", sent.accepted_at as "acceptedAt",
  delivery.handed_over_at as "takenAt"`

const toSentPacket =
  (messageType: AxisMessageType) =>
  (row: SentRow): SentPacket => ({
    ...row,
    messageType,
    document: documentKey(row.document),
    delivery: deliveryKey(row.delivery),
    from: agencyCode(row.from),
    to: agencyCode(row.to),
  })

/**
 * What some agencies sent, newest first, a row for each recipient; a thousand rows at most. How far back these reach is
 * read from the index alone, so that of many agencies only the rows that are listed are read.
 */
export async function listSentPackets(
  db: Queryable,
  { agencies, messageType, since, before }: PacketFilter,
): Promise<SentPacket[]> {
  const { rows } = await db.query<SentRow>({
    name: 'list-sent-packets',
    text: `with reach as materialized (
        select coalesce(min(newest.accepted_at), 'infinity') as since from (
          select newest.accepted_at from unnest($1::text[]) as served (code)
          cross join lateral (
            select document.accepted_at from document
            where document.sender_code = served.code and document.kind = $2 and ${accepted('$3', '$4')}
            order by document.accepted_at desc limit ${MOST_LISTED}) as newest
          order by newest.accepted_at desc limit ${MOST_LISTED}) as newest)
      select ${SENT_COLUMNS}
      from (
        select newest.* from unnest($1::text[]) as served (code)
        cross join lateral (
          select document.id, document.sender_code, document.subject, document.code_number, document.code_notation,
            document.accepted_at
          from document
          where document.sender_code = served.code and document.kind = $2
            and ${accepted('(select reach.since from reach)', '$4')}
          order by document.accepted_at desc, document.id desc limit ${MOST_LISTED}) as newest
        order by newest.accepted_at desc, newest.id desc limit ${MOST_LISTED}) as sent
      cross join lateral (
        select delivery.id, delivery.recipient_code, delivery.state, delivery.handed_over_at from delivery
        where delivery.document_id = sent.id order by delivery.recipient_code limit ${MOST_LISTED}) as delivery
      ${TOLD_IN_BETWEEN}
      order by sent.accepted_at desc, sent.id desc, delivery.recipient_code limit ${MOST_LISTED}`,
    values: [agencies, KINDS[messageType], since, before],
  })
  return rows.map(toSentPacket(messageType))
}

/** One packet that some agencies sent, a row for each of its recipients; nothing where others sent it. */
export async function sentPacket(
  db: Queryable,
  { agencies, messageType, since, before }: PacketFilter,
  document: DocumentKey,
): Promise<SentPacket[]> {
  const { rows } = await db.query<SentRow>({
    name: 'sent-packet',
    text: `select ${SENT_COLUMNS}
      from document as sent
      join delivery on delivery.document_id = sent.id
      ${TOLD_IN_BETWEEN}
      where sent.id = $1 and sent.sender_code = any($2) and sent.kind = $3
        and ${accepted('$4', '$5', 'sent')}
      order by delivery.recipient_code limit ${MOST_RECIPIENTS}`,
    values: [document, agencies, KINDS[messageType], since, before],
  })
  return rows.map(toSentPacket(messageType))
}

/** Keeps what a receiving system has told of a packet last. */
export async function tellPacketStatus(
  db: Queryable,
  delivery: DeliveryKey,
  told: {
    readonly status: PacketStatus
    readonly description: string | null
    readonly systemId: string
  },
): Promise<void> {
  await db.query({
    name: 'tell-packet-status',
    text: `insert into axis_packet_status (delivery_id, status, description, system_id) values ($1, $2, $3, $4)
      on conflict (delivery_id) do update
        set status = excluded.status, description = excluded.description, system_id = excluded.system_id,
          changed_at = clock_timestamp()`,
    values: [delivery, told.status, told.description, told.systemId],
  })
}
