import type { BusinessOperation } from '../domain/business-operation.ts'
import type { DeliveryState } from '../domain/delivery-state.ts'
import { type AgencyCode, type DocumentKey, documentKey } from '../domain/identifiers.ts'
import type { LegalValue } from '../domain/signature-report.ts'
import type { Urgency } from '../domain/urgency.ts'
import { DELIVERY_COLUMNS, type DeliveryRecord, type DeliveryRow, toDelivery } from './deliveries.ts'
import { HAS_A_SAY } from './in-flight.ts'
import { listText } from './list-text.ts'
import type { Queryable } from './pool.ts'

/** One document in the list of what an agency sent. */
export interface SentDocument {
  readonly key: DocumentKey
  readonly sender: AgencyCode
  /** On the day of acceptance. */
  readonly senderName: string
  readonly kind: 'document' | 'status'
  readonly operation: BusinessOperation | null
  readonly statusCode: string | null
  readonly edxmlDocumentId: string | null
  readonly codeNumber: string | null
  readonly codeNotation: string | null
  readonly subject: string | null
  readonly urgency: Urgency
  readonly legalValue: LegalValue
  readonly packetSha256: string
  readonly acceptedAt: Date
  /** The states that its deliveries are in, each once. */
  readonly deliveryStates: readonly DeliveryState[]
  readonly recipients: number
}

export interface SentFilter {
  readonly senders: readonly AgencyCode[]
  readonly kind: SentDocument['kind']
  readonly since: Date | null
  readonly edxmlDocumentId: string | null
  /** Wanted sets of delivery states, each one joined by commas in the order of the alphabet; null takes any. */
  readonly stateSets: readonly string[] | null
}

/** What some agencies sent, newest first: those that stand after `after` (time, then key). */
export async function listSentDocuments(
  db: Queryable,
  filter: SentFilter,
  after: readonly [at: string, key: string] | null,
  limit: number,
): Promise<SentDocument[]> {
  const { rows } = await db.query<Omit<SentDocument, 'key'> & { key: string }>(
    // Each sender's newest by the index, and of those the newest of all.
    `select found.* from unnest($1::text[]) as sender (code)
      cross join lateral (
        select document.id as key, sender_code as sender, coalesce(sender_name, sender_code) as "senderName", kind,
          operation, status_code as "statusCode", edxml_document_id as "edxmlDocumentId",
          ${listText('code_number')} as "codeNumber", ${listText('code_notation')} as "codeNotation",
          ${listText('subject')} as subject, document.urgency, legal_value as "legalValue",
          packet_sha256 as "packetSha256", accepted_at as "acceptedAt",
          string_to_array(reached.states, ',') as "deliveryStates", reached.recipients
        from document
        cross join lateral (
          select coalesce(string_agg(distinct state collate "C", ',' order by state collate "C"), '') as states,
            count(*) as recipients
          from delivery where document_id = document.id and ${HAS_A_SAY}) as reached
        where sender_code = sender.code and kind = $2
          and ($3::timestamptz is null or accepted_at >= $3)
          and ($4::text is null or edxml_document_id = $4)
          and ($5::text[] is null or reached.states = any($5))
          and ($6::timestamptz is null or (accepted_at, document.id) < ($6, $7::uuid))
        order by accepted_at desc, document.id desc limit $8) as found
      order by found."acceptedAt" desc, found.key desc limit $8`,
    [
      filter.senders,
      filter.kind,
      filter.since,
      filter.edxmlDocumentId,
      filter.stateSets,
      after?.[0] ?? null,
      after?.[1] ?? null,
      limit,
    ],
  )
  return rows.map((row) => ({ ...row, key: documentKey(row.key) }))
}

/** How many deliveries of a document are in each state, without those that were joined with others. */
export async function countDeliveryStates(
  db: Queryable,
  document: DocumentKey,
): Promise<ReadonlyMap<DeliveryState, number>> {
  const { rows } = await db.query<{ state: DeliveryState; count: number }>(
    `select state, count(*) as count from delivery where document_id = $1 and ${HAS_A_SAY}
      group by state order by state`,
    [document],
  )
  return new Map(rows.map(({ state, count }) => [state, count]))
}

/** Where a delivery stands among those of its document: by the code of its recipient, then by its key. */
export type DeliveryPosition = readonly [recipient: string, delivery: string]

/** Deliveries of a document in their order, those after `after`; from the first where null. */
export async function pageDeliveries(
  db: Queryable,
  document: DocumentKey,
  after: DeliveryPosition | null,
  limit: number,
): Promise<DeliveryRecord[]> {
  const [recipient, delivery] = after ?? ['', '00000000-0000-0000-0000-000000000000']
  const { rows } = await db.query<DeliveryRow>(
    `select ${DELIVERY_COLUMNS} from delivery
      where document_id = $1 and recipient_code >= $2 and (recipient_code, id) > ($2, $3::uuid)
      order by recipient_code, id limit $4`,
    [document, recipient, delivery, limit],
  )
  return rows.map(toDelivery)
}
