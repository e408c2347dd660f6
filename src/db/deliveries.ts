import type { ChannelId } from '../domain/channel-id.ts'
import { type DeliveryState, statesBefore } from '../domain/delivery-state.ts'
import {
  type AgencyCode,
  agencyCode,
  type DeliveryKey,
  type DocumentKey,
  deliveryKey,
  documentKey,
} from '../domain/identifiers.ts'
import type { RequestState } from '../domain/request-state.ts'
import type { Addressed, DeliveryExplanation } from '../domain/routing-rule.ts'
import type { StatusCode } from '../domain/status-code.ts'
import type { TierCode } from '../domain/tier.ts'
import type { Urgency } from '../domain/urgency.ts'
import { SUPERSEDE_ATTEMPTS } from './attempts.ts'
import type { Queryable, Transaction } from './pool.ts'

export interface DeliveryRecord {
  readonly key: DeliveryKey
  readonly document: DocumentKey
  readonly recipient: AgencyCode
  readonly tier: TierCode
  readonly urgency: Urgency
  readonly channel: ChannelId
  /** Why it goes this way; rows of earlier releases know less of it. */
  readonly route: Partial<DeliveryExplanation>
  readonly state: DeliveryState
  readonly stateSince: Date
  readonly leaseEpoch: number
  /** Until when a worker has it; null where none does. */
  readonly leaseUntil: Date | null
  readonly attempts: number
  readonly nextAttemptAt: Date | null
  readonly inboxNumber: number | null
  readonly handedOverAt: Date | null
  readonly acknowledgedAt: Date | null
  readonly processingStatus: StatusCode | null
  readonly requestState: RequestState | null
  /** Another exchange may hold it: it was sent there, and nothing proves that it was not taken. */
  readonly mayHaveLeft: boolean
  /** Under which number another exchange keeps it; null where it went by none, or that one told no number. */
  readonly remoteId: string | null
  readonly reason: unknown
}

/** Whether what becomes of it is told by another delivery of its document, that of the successor. */
export const wasJoined = ({ reason }: Pick<DeliveryRecord, 'reason'>): boolean =>
  typeof reason === 'object' && reason !== null && 'code' in reason && reason.code === 'joined'

export interface DeliveryRow {
  id: string
  document_id: string
  recipient_code: string
  tier: string
  urgency: Urgency
  channel: ChannelId
  route: Partial<DeliveryExplanation>
  state: DeliveryState
  state_since: Date
  lease_epoch: number
  lease_until: Date | null
  attempts: number
  next_attempt_at: Date | null
  inbox_number: number | null
  handed_over_at: Date | null
  acknowledged_at: Date | null
  processing_status: StatusCode | null
  request_state: RequestState | null
  may_have_left: boolean
  remote_id: string | null
  reason: unknown
}

export const DELIVERY_COLUMNS = `delivery.id, delivery.document_id, delivery.recipient_code, delivery.tier,
  delivery.urgency, delivery.channel, delivery.route, delivery.state, delivery.state_since, delivery.lease_epoch, delivery.lease_until,
  delivery.attempts, delivery.next_attempt_at, delivery.inbox_number, delivery.handed_over_at,
  delivery.acknowledged_at, delivery.processing_status, delivery.request_state,
  delivery.may_have_left, delivery.remote_id, delivery.reason`

export const toDelivery = (row: DeliveryRow): DeliveryRecord => ({
  key: deliveryKey(row.id),
  document: documentKey(row.document_id),
  recipient: agencyCode(row.recipient_code),
  tier: row.tier,
  urgency: row.urgency,
  channel: row.channel,
  route: row.route,
  state: row.state,
  stateSince: row.state_since,
  leaseEpoch: row.lease_epoch,
  leaseUntil: row.lease_until,
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at,
  inboxNumber: row.inbox_number,
  handedOverAt: row.handed_over_at,
  acknowledgedAt: row.acknowledged_at,
  processingStatus: row.processing_status,
  requestState: row.request_state,
  mayHaveLeft: row.may_have_left,
  remoteId: row.remote_id,
  reason: row.reason,
})

export async function findDelivery(db: Queryable, key: DeliveryKey): Promise<DeliveryRecord | undefined> {
  const { rows } = await db.query<DeliveryRow>({
    name: 'find-delivery',
    text: `select ${DELIVERY_COLUMNS} from delivery where id = $1`,
    values: [key],
  })
  return rows[0] && toDelivery(rows[0])
}

export async function listDeliveries(db: Queryable, document: DocumentKey): Promise<DeliveryRecord[]> {
  const { rows } = await db.query<DeliveryRow>(
    `select ${DELIVERY_COLUMNS} from delivery where document_id = $1 order by recipient_code`,
    [document],
  )
  return rows.map(toDelivery)
}

/** A delivery by the names under which it can be spoken of. */
export interface AddressedDelivery {
  readonly key: DeliveryKey
  readonly document: DocumentKey
  readonly recipient: AgencyCode
  /** Every name of its packet that led to this recipient; empty for deliveries from before these were kept. */
  readonly addressed: readonly Addressed[]
}

/** The deliveries of some documents: those to some recipients, or all where `recipients` is null. */
export async function listAddressed(
  db: Queryable,
  documents: readonly DocumentKey[],
  recipients: readonly AgencyCode[] | null,
): Promise<AddressedDelivery[]> {
  if (documents.length === 0) return []
  const { rows } = await db.query<AddressedDelivery>({
    name: 'list-addressed',
    text: `select id as key, document_id as document, recipient_code as recipient,
        coalesce(route -> 'addressed', '[]') as addressed
      from delivery where document_id = any($1) and ($2::text[] is null or recipient_code = any($2))`,
    values: [documents, recipients],
  })
  return rows
}

/**
 * Deliveries, locked until the transaction ends, so that what is decided from their states is still true when it is
 * written. One statement in the order of keys, so that two deciders cannot lock each other out.
 */
export async function lockDeliveries(
  db: Transaction,
  keys: readonly DeliveryKey[],
): Promise<DeliveryRecord[]> {
  if (keys.length === 0) return []
  const { rows } = await db.query<DeliveryRow>(
    `select ${DELIVERY_COLUMNS} from delivery where id = any($1) order by id for update`,
    [keys],
  )
  return rows.map(toDelivery)
}

/**
 * Withdraws deliveries that were not handed over. Whoever is working on them is fenced off, and its attempt closed.
 * Returns how many were.
 */
export async function withdrawDeliveries(
  db: Transaction,
  keys: readonly DeliveryKey[],
  reason: unknown,
): Promise<number> {
  if (keys.length === 0) return 0
  const { rowCount } = await db.query(
    `with moved as (
        update delivery set state = 'withdrawn', state_since = clock_timestamp(), next_attempt_at = null,
          lease_until = null, lease_epoch = lease_epoch + 1, reason = $3
        where id = any($1) and state = any($2) returning id),
      closed as (${SUPERSEDE_ATTEMPTS})
      select id from moved`,
    [keys, statesBefore('withdrawn'), JSON.stringify(reason)],
  )
  return rowCount ?? 0
}

/** Marks that the sender has asked the recipients of these deliveries for something they must answer. */
export async function openRequests(db: Transaction, keys: readonly DeliveryKey[]): Promise<void> {
  if (keys.length === 0) return
  await db.query(`update delivery set request_state = 'requested' where id = any($1)`, [keys])
}

export async function setStatuses(
  db: Transaction,
  key: DeliveryKey,
  processingStatus: StatusCode | null,
  requestState: RequestState | null,
): Promise<void> {
  await db.query('update delivery set processing_status = $2, request_state = $3 where id = $1', [
    key,
    processingStatus,
    requestState,
  ])
}
