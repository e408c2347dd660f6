import type { DeliveryState } from '../domain/delivery-state.ts'
import { type AgencyCode, agencyCode, type DeliveryKey } from '../domain/identifiers.ts'
import { DELIVERY_COLUMNS, type DeliveryRecord, type DeliveryRow, toDelivery } from './deliveries.ts'
import type { Queryable, Transaction } from './pool.ts'

export interface AdminDelivery extends DeliveryRecord {
  readonly sender: AgencyCode
  readonly acceptedAt: Date
  /** The recipient's deliveries wait for as long as this holds. */
  readonly paused: boolean
}

type AdminDeliveryRow = DeliveryRow & { sender_code: string; accepted_at: Date; paused: boolean }

const SELECT = `select ${DELIVERY_COLUMNS}, document.sender_code, document.accepted_at,
    recipient_pause.agency_code is not null as paused
  from delivery join document on document.id = delivery.document_id
  left join recipient_pause on recipient_pause.agency_code = delivery.recipient_code`

const toAdminDelivery = (row: AdminDeliveryRow): AdminDelivery => ({
  ...toDelivery(row),
  sender: agencyCode(row.sender_code),
  acceptedAt: row.accepted_at,
  paused: row.paused,
})

export interface AdminDeliveryPage {
  /** The id of the last delivery of the page before. */
  readonly after?: string
  readonly limit: number
  readonly state?: DeliveryState
  readonly tier?: string
  readonly recipient?: string
  readonly sender?: string
  readonly document?: string
  /** In its state for at least this long. */
  readonly olderThanSeconds?: number
}

/** Deliveries, the newest first; their ids are UUIDs of version 7, which stand in the order of time. */
export async function searchAdminDeliveries(
  db: Queryable,
  page: AdminDeliveryPage,
): Promise<AdminDelivery[]> {
  const { rows } = await db.query<AdminDeliveryRow>(
    `${SELECT}
      where ($1::uuid is null or delivery.id < $1)
        and ($3::text is null or delivery.state = $3)
        and ($4::text is null or delivery.tier = $4)
        and ($5::text is null or delivery.recipient_code = $5)
        and ($6::text is null or document.sender_code = $6)
        and ($7::uuid is null or delivery.document_id = $7)
        and ($8::integer is null or delivery.state_since <= clock_timestamp() - make_interval(secs => $8))
      order by delivery.id desc limit $2`,
    [
      page.after ?? null,
      page.limit,
      page.state ?? null,
      page.tier ?? null,
      page.recipient ?? null,
      page.sender ?? null,
      page.document ?? null,
      page.olderThanSeconds ?? null,
    ],
  )
  return rows.map(toAdminDelivery)
}

export async function findAdminDelivery(db: Queryable, key: DeliveryKey): Promise<AdminDelivery | undefined> {
  const { rows } = await db.query<AdminDeliveryRow>(`${SELECT} where delivery.id = $1`, [key])
  return rows[0] && toAdminDelivery(rows[0])
}

export async function lockDelivery(db: Transaction, key: DeliveryKey): Promise<DeliveryRecord | undefined> {
  const { rows } = await db.query<DeliveryRow>(
    `select ${DELIVERY_COLUMNS} from delivery where id = $1 for update`,
    [key],
  )
  return rows[0] && toDelivery(rows[0])
}

/**
 * Lets a failed delivery begin anew: due at once, its attempts counted from the start, the outbox told. Attempts of
 * before stay on record, for the epoch only grows. Returns whether it had failed.
 */
export async function restartDelivery(db: Transaction, key: DeliveryKey): Promise<boolean> {
  const { rowCount } = await db.query(
    `with restarted as (
        update delivery set state = 'waiting', state_since = clock_timestamp(), attempts = 0, abandonments = 0,
          reason = null, stays_under = null, next_attempt_at = clock_timestamp(), enqueued_at = clock_timestamp(),
          lease_until = null, lease_epoch = lease_epoch + 1
        where id = $1 and state = 'failed'
        returning id, lease_epoch, tier, urgency)
      insert into outbox (delivery_id, epoch, tier, urgency) select id, lease_epoch, tier, urgency from restarted`,
    [key],
  )
  return rowCount === 1
}
