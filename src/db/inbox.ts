import type { BusinessOperation } from '../domain/business-operation.ts'
import type { DeliveryState } from '../domain/delivery-state.ts'
import {
  type AgencyCode,
  agencyCode,
  type DeliveryKey,
  type DocumentKey,
  deliveryKey,
  documentKey,
  type Sha256,
  sha256,
} from '../domain/identifiers.ts'
import type { Addressed } from '../domain/routing-rule.ts'
import type { LegalValue } from '../domain/signature-report.ts'
import type { Urgency } from '../domain/urgency.ts'
import { gatherOn } from './gather.ts'
import { listText } from './list-text.ts'
import type { Pool, Queryable, Transaction } from './pool.ts'
import { quickReads } from './quick-reads.ts'

/** One document as it lies in a recipient's inbox. */
export interface InboxItem {
  readonly delivery: DeliveryKey
  /** Running number in this inbox; every number is given once, and only a restoration leaves some out. */
  readonly number: number
  readonly state: DeliveryState
  readonly document: DocumentKey
  readonly kind: 'document' | 'status'
  readonly operation: BusinessOperation | null
  readonly statusCode: string | null
  readonly sender: AgencyCode
  /** On the day of acceptance. */
  readonly senderName: string
  readonly recipient: AgencyCode
  /** Every name of the packet that led to this inbox. */
  readonly addressed: readonly Addressed[]
  readonly edxmlDocumentId: string | null
  readonly subject: string | null
  readonly codeNumber: string | null
  readonly codeNotation: string | null
  readonly urgency: Urgency
  readonly legalValue: LegalValue
  readonly packetSha256: Sha256
  readonly packetLength: number
  readonly acceptedAt: Date
  readonly claimUntil: Date | null
}

export interface InboxRow {
  delivery_id: string
  inbox_number: number
  state: DeliveryState
  document_id: string
  kind: 'document' | 'status'
  operation: BusinessOperation | null
  status_code: string | null
  sender_code: string
  sender_name: string
  recipient_code: string
  addressed: Addressed[]
  edxml_document_id: string | null
  subject: string | null
  code_number: string | null
  code_notation: string | null
  urgency: Urgency
  legal_value: LegalValue
  packet_sha256: string
  packet_length: number
  accepted_at: Date
  claim_until: Date | null
}

export const ITEM_COLUMNS = `delivery.id as delivery_id, delivery.inbox_number, delivery.state, document.id as document_id,
  document.kind, document.operation, document.status_code, document.sender_code,
  coalesce(document.sender_name, document.sender_code) as sender_name, delivery.recipient_code,
  coalesce(delivery.route -> 'addressed', '[]') as addressed, document.edxml_document_id,
  ${listText('document.subject')} as subject, ${listText('document.code_number')} as code_number,
  ${listText('document.code_notation')} as code_notation, document.urgency, document.legal_value,
  document.packet_sha256, document.packet_length, document.accepted_at, delivery.claim_until`

export const toItem = (row: InboxRow): InboxItem => ({
  delivery: deliveryKey(row.delivery_id),
  number: row.inbox_number,
  state: row.state,
  document: documentKey(row.document_id),
  kind: row.kind,
  operation: row.operation,
  statusCode: row.status_code,
  sender: agencyCode(row.sender_code),
  senderName: row.sender_name,
  recipient: agencyCode(row.recipient_code),
  addressed: row.addressed,
  edxmlDocumentId: row.edxml_document_id,
  subject: row.subject,
  codeNumber: row.code_number,
  codeNotation: row.code_notation,
  urgency: row.urgency,
  legalValue: row.legal_value,
  packetSha256: sha256(row.packet_sha256),
  packetLength: row.packet_length,
  acceptedAt: row.accepted_at,
  claimUntil: row.claim_until,
})

/**
 * What a recipient has still to take: everything numbered that is neither acknowledged nor withdrawn. A delivery is
 * here from the moment it has its number, also while the recipient's endpoint is failing: it can always be pulled.
 */
const OPEN = `delivery.state in ('waiting', 'available', 'handed-over', 'failed') and delivery.inbox_number is not null`

export interface InboxList {
  readonly agency: AgencyCode
  /** Items with a number above this one. */
  readonly after: number
  readonly limit: number
  readonly kind: InboxItem['kind'] | null
}

/*
 * Plans are made once, for any number of questions and tables of any size: what is asked stands behind a CTE, for the
 * planner would look at the lengths of arrays and make a plan for each batch; and LIMIT keeps documents from being joined
 * otherwise than by their keys, for they are read whole where the plan was made while there were few.
 */
const list = (open: string): string => `with given as materialized (
      select $1::text[] as agencies, $2::bigint[] as afters, $3::integer[] as limits, $4::text[] as kinds)
    select place::integer, ${ITEM_COLUMNS} from given cross join unnest(agencies, afters, limits, kinds)
        with ordinality as asked (agency, after, most, wanted, place)
      cross join lateral (${open}) as delivery
      cross join lateral (
        select id, kind, operation, status_code, sender_code, sender_name, edxml_document_id, subject, code_number,
          code_notation, urgency, legal_value, packet_sha256, packet_length, accepted_at
        from document where document.id = delivery.document_id limit 1) as document
    order by place, delivery.inbox_number`

const OPEN_COLUMNS = 'id, inbox_number, state, document_id, recipient_code, route, claim_until'

const LISTS = {
  name: 'list-inboxes',
  text: list(`
        select ${OPEN_COLUMNS} from delivery
        where recipient_code = asked.agency and inbox_number > asked.after and ${OPEN}
        order by inbox_number limit asked.most`),
}

/** Open items of one kind up to which they are found by their kind, and sorted; of more, enough stand among any others. */
const FEW = 1_000

const IS_FEW = `(select cardinality(keys) <= ${FEW} from few)`

const LISTS_OF_KIND = {
  name: 'list-inboxes-of-kind',
  text: list(`
        with few as materialized (
          select coalesce(array_agg(id), '{}') as keys from (
            select id from delivery where recipient_code = asked.agency and kind = asked.wanted and ${OPEN}
            limit ${FEW + 1}) as first)
        select ${OPEN_COLUMNS} from (
          (select ${OPEN_COLUMNS} from delivery
            where ${IS_FEW} and id = any((select keys from few)::uuid[]) and ${OPEN} and inbox_number > asked.after
            order by inbox_number limit asked.most)
          union all
          (select ${OPEN_COLUMNS} from delivery
            where not ${IS_FEW} and recipient_code = asked.agency and inbox_number > asked.after
              and kind = asked.wanted and ${OPEN}
            order by inbox_number limit asked.most)) as either`),
}

/** Lists of several readers. */
async function listInboxes(
  db: Queryable,
  statement: typeof LISTS,
  asked: readonly InboxList[],
): Promise<InboxItem[][]> {
  const { rows } = await db.query<InboxRow & { place: number }>({
    ...statement,
    values: [
      asked.map(({ agency }) => agency),
      asked.map(({ after }) => after),
      asked.map(({ limit }) => limit),
      asked.map(({ kind }) => kind),
    ],
  })
  const lists: InboxItem[][] = asked.map(() => [])
  for (const row of rows) lists[row.place - 1]!.push(toItem(row))
  return lists
}

const OF_ALL_KINDS = gatherOn(
  (pool: Pool, asked: readonly InboxList[]) => listInboxes(quickReads(pool), LISTS, asked),
  { most: 32, lanes: 2, restMs: 10 },
)

/** What takes longer holds up no short question. */
const OF_ONE_KIND = gatherOn(
  (pool: Pool, asked: readonly InboxList[]) => listInboxes(pool, LISTS_OF_KIND, asked),
  {
    most: 8,
    lanes: 2,
    restMs: 10,
  },
)

/** Open items with a number above `after`, in the order of numbers; asked together with what others ask just now. */
export const listInbox = (pool: Pool, list: InboxList): Promise<InboxItem[]> =>
  (list.kind === null ? OF_ALL_KINDS : OF_ONE_KIND)(pool, list)

/**
 * Lends open items that nobody holds to one of the recipient's processes, for `leaseSeconds`. The most urgent first,
 * then in the order of numbers.
 */
export async function claimInbox(
  db: Transaction,
  agency: AgencyCode,
  claimToken: string,
  leaseSeconds: number,
  limit: number,
): Promise<InboxItem[]> {
  const { rows } = await db.query<InboxRow>(
    `with free as (
        select id from delivery
        where recipient_code = $1 and ${OPEN} and (claim_until is null or claim_until <= clock_timestamp())
        order by urgency desc, inbox_number limit $4 for update skip locked),
      claimed as (
        update delivery set claim_token = $2, claim_until = clock_timestamp() + make_interval(secs => $3)
        from free where delivery.id = free.id returning delivery.*)
      select ${ITEM_COLUMNS.replaceAll('delivery.', 'claimed.')}
      from claimed join document on document.id = claimed.document_id
      order by document.urgency desc, claimed.inbox_number`,
    [agency, claimToken, leaseSeconds, limit],
  )
  return rows.map(toItem)
}

/** Where the packet of a delivery lies. None of it ever changes. */
export interface InboxPacket {
  readonly key: DocumentKey
  readonly packetSha256: Sha256
  /** Bytes. */
  readonly packetLength: number
}

interface PacketAsked {
  readonly agency: AgencyCode
  readonly delivery: DeliveryKey
}

async function findPackets(
  db: Queryable,
  asked: readonly PacketAsked[],
): Promise<(InboxPacket | undefined)[]> {
  const { rows } = await db.query<{
    place: number
    id: string
    packet_sha256: string
    packet_length: number
  }>({
    name: 'find-inbox-packets',
    text: `with given as materialized (select $1::uuid[] as keys, $2::text[] as agencies)
      select place::integer, packet.id, packet_sha256, packet_length from given cross join unnest(keys, agencies)
          with ordinality as asked (key, agency, place)
        cross join lateral (
          select document_id from delivery
          where id = asked.key and recipient_code = asked.agency and inbox_number is not null
            and state <> 'withdrawn' limit 1) as found
        cross join lateral (
          select id, packet_sha256, packet_length from document where document.id = found.document_id limit 1) as packet`,
    values: [asked.map(({ delivery }) => delivery), asked.map(({ agency }) => agency)],
  })
  const found: (InboxPacket | undefined)[] = asked.map(() => undefined)
  for (const { place, id, packet_sha256, packet_length } of rows)
    found[place - 1] = {
      key: documentKey(id),
      packetSha256: sha256(packet_sha256),
      packetLength: packet_length,
    }
  return found
}

/**
 * The packet of a delivery that lies in an agency's inbox and was not withdrawn; asked together with what others ask just
 * now.
 */
export const findPacketInInbox: (pool: Pool, asked: PacketAsked) => Promise<InboxPacket | undefined> =
  gatherOn((pool, asked) => findPackets(quickReads(pool), asked), { most: 64, lanes: 2, restMs: 5 })
