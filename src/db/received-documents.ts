import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import type { StatusCode } from '../domain/status-code.ts'
import { type InboxItem, type InboxRow, ITEM_COLUMNS, toItem } from './inbox.ts'
import type { Queryable } from './pool.ts'

/** One document that an agency was sent, wherever its handling stands. */
export interface ReceivedItem extends InboxItem {
  readonly handedOverAt: Date | null
  readonly acknowledgedAt: Date | null
  readonly processingStatus: StatusCode | null
}

export interface ReceivedFilter {
  readonly recipients: readonly AgencyCode[]
  readonly kind: InboxItem['kind']
  readonly since: Date | null
}

type Row = InboxRow & {
  handed_over_at: Date | null
  acknowledged_at: Date | null
  processing_status: StatusCode | null
}

/**
 * What reached the inboxes of some agencies and was not withdrawn, the newest first: ids of deliveries are UUIDs of
 * version 7, which stand in the order of time. Those that stand after `after`; from the first where null.
 */
export async function listReceivedDocuments(
  db: Queryable,
  { recipients, kind, since }: ReceivedFilter,
  after: DeliveryKey | null,
  limit: number,
): Promise<ReceivedItem[]> {
  // Each agency's newest by the index, and of those the newest of all.
  const { rows } = await db.query<Row>({
    name: 'list-received',
    text: `select ${ITEM_COLUMNS}, delivery.handed_over_at, delivery.acknowledged_at, delivery.processing_status
      from unnest($1::text[]) as recipient (code)
      cross join lateral (
        select delivery.* from delivery join document on document.id = delivery.document_id
        where delivery.recipient_code = recipient.code and delivery.inbox_number is not null
          and delivery.state <> 'withdrawn' and document.kind = $2
          and ($3::timestamptz is null or document.accepted_at >= $3)
          and ($4::uuid is null or delivery.id < $4)
        order by delivery.id desc limit $5) as delivery
      join document on document.id = delivery.document_id
      order by delivery.id desc limit $5`,
    values: [recipients, kind, since, after, limit],
  })
  return rows.map((row) => ({
    ...toItem(row),
    handedOverAt: row.handed_over_at,
    acknowledgedAt: row.acknowledged_at,
    processingStatus: row.processing_status,
  }))
}
