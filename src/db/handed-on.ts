import type { ChannelId } from '../domain/channel-id.ts'
import {
  type AgencyCode,
  agencyCode,
  type DeliveryKey,
  type DocumentKey,
  deliveryKey,
  documentKey,
} from '../domain/identifiers.ts'
import type { DeliveryExplanation } from '../domain/routing-rule.ts'
import { SUPERSEDE_ATTEMPTS } from './attempts.ts'
import type { Queryable, Transaction } from './pool.ts'

/** A delivery that another exchange took, and of which it is not known whether the recipient has it. */
export interface HandedOn {
  readonly key: DeliveryKey
  readonly document: DocumentKey
  readonly recipient: AgencyCode
  readonly kind: 'document' | 'status'
  readonly channel: ChannelId
  readonly route: Partial<DeliveryExplanation>
  /** The packet's number there. */
  readonly remoteId: string
}

interface Row {
  id: string
  document_id: string
  recipient_code: string
  kind: 'document' | 'status'
  channel: ChannelId
  route: Partial<DeliveryExplanation>
  remote_id: string
}

/** Days after which nobody asks any more. */
const ASKED_FOR = 30

/**
 * Deliveries of which the other exchange is to be asked now. Each is due again after half of the time since it was handed
 * on, from a minute to six hours, whatever comes of asking: nobody else asks meanwhile.
 */
export async function takeReceiptsDue(db: Queryable, limit: number): Promise<HandedOn[]> {
  const { rows } = await db.query<Row>({
    name: 'take-receipts-due',
    text: `with due as (
        select id from delivery where state = 'handed-over' and receipt_due_at <= statement_timestamp()
        order by receipt_due_at limit $1 for update skip locked)
      update delivery set receipt_due_at = case
        when handed_over_at > statement_timestamp() - make_interval(days => $2) then statement_timestamp()
          + least(greatest((statement_timestamp() - handed_over_at) / 2, interval '1 minute'), interval '6 hours') end
      from due where delivery.id = due.id
      returning delivery.id, document_id, recipient_code, kind, channel, route, remote_id`,
    values: [limit, ASKED_FOR],
  })
  return rows.map((row) => ({
    key: deliveryKey(row.id),
    document: documentKey(row.document_id),
    recipient: agencyCode(row.recipient_code),
    kind: row.kind,
    channel: row.channel,
    route: row.route,
    remoteId: row.remote_id,
  }))
}

/**
 * The recipient has what went by another exchange: acknowledged, also where nobody had heard that the exchange took it.
 * Whoever is still sending it is fenced off, its attempt closed. Returns whether that was news.
 */
export async function markArrived(db: Transaction, key: DeliveryKey): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'mark-arrived',
    text: `with moved as (
        update delivery set state = 'acknowledged', state_since = clock_timestamp(), acknowledged_at = clock_timestamp(),
          handed_over_at = coalesce(handed_over_at, clock_timestamp()), next_attempt_at = null, lease_until = null,
          lease_epoch = lease_epoch + 1, receipt_due_at = null, reason = null
        where id = $1 and channel in ('national-axis', 'gateway')
          and (state = 'handed-over' or may_have_left and state in ('waiting', 'failed'))
        returning id),
      closed as (${SUPERSEDE_ATTEMPTS})
      select id from moved`,
    values: [key],
  })
  return rowCount === 1
}

/** How many of these their recipients are known to have. */
export async function countAcknowledged(db: Queryable, keys: readonly DeliveryKey[]): Promise<number> {
  const { rows } = await db.query<{ n: number }>({
    name: 'count-acknowledged',
    text: `select count(*)::integer as n from delivery where id = any($1) and state = 'acknowledged'`,
    values: [keys],
  })
  return rows[0]!.n
}

/** Keeps with a delivery what another exchange says against it. Returns whether that was news. */
export async function noteFailedThere(db: Transaction, key: DeliveryKey, reason: unknown): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'note-failed-there',
    text: `update delivery set reason = $2::jsonb
      where id = $1 and state = 'handed-over' and reason is distinct from $2::jsonb`,
    values: [key, JSON.stringify(reason)],
  })
  return rowCount === 1
}
