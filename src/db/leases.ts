import type { ChannelId } from '../domain/channel-id.ts'
import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import type { DeliveryExplanation } from '../domain/routing-rule.ts'
import type { Urgency } from '../domain/urgency.ts'
import { DELIVERY_COLUMNS, type DeliveryRecord, type DeliveryRow, toDelivery } from './deliveries.ts'
import type { Queryable, Transaction } from './pool.ts'

/** A delivery in the hands of one worker, until `lease_until` or until the epoch moves on; numbered in its inbox. */
export type LeasedDelivery = DeliveryRecord & { readonly inboxNumber: number }

export interface TakenDelivery extends DeliveryRecord {
  /** How many workers in a row took it and never settled. */
  readonly abandonments: number
}

export interface Addressee {
  readonly recipient: AgencyCode
  readonly channel: ChannelId
  /** Where it goes by another gateway: whose. */
  readonly gateway: AgencyCode | null
  readonly urgency: Urgency
  readonly now: Date
}

/** Where a delivery goes; undefined where there is no such delivery. */
export async function findAddressee(db: Queryable, key: DeliveryKey): Promise<Addressee | undefined> {
  const { rows } = await db.query<Addressee>({
    name: 'find-addressee',
    text: `select recipient_code as recipient, channel, route ->> 'gateway' as gateway, urgency, clock_timestamp() as now
      from delivery where id = $1`,
    values: [key],
  })
  return rows[0]
}

/**
 * Takes a delivery that is due and that nobody holds; null where there is nothing to take. The new epoch fences off
 * whoever held it before; one who held it and never settled is counted, and the recipient is not charged with it.
 */
export async function takeLease(
  db: Transaction,
  key: DeliveryKey,
  leaseSeconds: number,
): Promise<TakenDelivery | null> {
  const { rows } = await db.query<DeliveryRow & { abandonments: number }>({
    name: 'take-lease',
    text: `update delivery
      set lease_epoch = lease_epoch + 1, lease_until = clock_timestamp() + make_interval(secs => $2),
        abandonments = case when lease_until is null then abandonments else abandonments + 1 end, enqueued_at = null
      where id = $1 and state = 'waiting' and next_attempt_at <= clock_timestamp()
        and (lease_until is null or lease_until <= clock_timestamp())
        and not exists (select from recipient_pause where agency_code = delivery.recipient_code)
      returning ${DELIVERY_COLUMNS}, abandonments`,
    values: [key, leaseSeconds],
  })
  return rows[0] === undefined ? null : { ...toDelivery(rows[0]), abandonments: rows[0].abandonments }
}

/**
 * Gives a delivery its number in the recipient's inbox, where it has none yet. The inbox stays locked until the
 * transaction ends, so that numbers become visible in their order: to be called last in it, for all deliveries to one
 * recipient wait here for each other.
 */
export async function numberInInbox(db: Transaction, delivery: DeliveryRecord): Promise<LeasedDelivery> {
  const { key, recipient, inboxNumber } = delivery
  if (inboxNumber !== null) return { ...delivery, inboxNumber }
  const { rows } = await db.query<{ inbox_number: number }>({
    name: 'give-inbox-number',
    text: `with number as (
        insert into inbox (agency_code, last_number) values ($2, 1)
        on conflict (agency_code) do update set last_number = inbox.last_number + 1
        returning last_number)
      update delivery set inbox_number = number.last_number from number
      where id = $1 returning inbox_number`,
    values: [key, recipient],
  })
  return { ...delivery, inboxNumber: rows[0]!.inbox_number }
}

export interface Settlement {
  readonly state: 'available' | 'waiting' | 'failed'
  /** Seconds until the next attempt, where the state is `waiting`. */
  readonly retryAfter: number | null
  readonly reason: unknown
  /** False where the recipient is not to blame: the attempt does not bring the delivery nearer to its end. */
  readonly counts: boolean
}

/**
 * Writes what became of an attempt, if the lease is still the one it was made under. Returns whether it was. A lease
 * is settled once: settling gives it up.
 */
export async function settleLease(
  db: Transaction,
  key: DeliveryKey,
  epoch: number,
  settlement: Settlement,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'settle-lease',
    text: `update delivery
      set state = $3, state_since = case when state = $3 then state_since else clock_timestamp() end,
        next_attempt_at = clock_timestamp() + make_interval(secs => $4), lease_until = null, enqueued_at = null,
        reason = $5, attempts = attempts + $6, abandonments = 0
      where id = $1 and lease_epoch = $2 and lease_until is not null and state = 'waiting'`,
    values: [
      key,
      epoch,
      settlement.state,
      settlement.retryAfter,
      settlement.reason === null ? null : JSON.stringify(settlement.reason),
      settlement.counts ? 1 : 0,
    ],
  })
  return rowCount === 1
}

/** How a delivery goes on by another channel. */
export interface Reroute {
  readonly channel: ChannelId
  readonly route: Partial<DeliveryExplanation>
  /** Null: at once. */
  readonly notBefore: Date | null
  readonly reason: unknown
}

/**
 * Settles a lease by sending the delivery on by another channel: its attempts count from the start, and the outbox is
 * told where it is due. Returns false where the lease is lost.
 */
export async function rerouteLease(
  db: Transaction,
  key: DeliveryKey,
  epoch: number,
  { channel, route, notBefore, reason }: Reroute,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'reroute-lease',
    text: `with moved as (
        update delivery set channel = $3, route = $4, attempts = 0, abandonments = 0, reason = $6, lease_until = null,
          next_attempt_at = coalesce($5, clock_timestamp()),
          enqueued_at = case when $5::timestamptz is null then clock_timestamp() end
        where id = $1 and lease_epoch = $2 and lease_until is not null and state = 'waiting'
        returning id, lease_epoch, tier, urgency, enqueued_at),
      told as (
        insert into outbox (delivery_id, epoch, tier, urgency)
        select id, lease_epoch, tier, urgency from moved where enqueued_at is not null)
      select id from moved`,
    values: [key, epoch, channel, JSON.stringify(route), notBefore, JSON.stringify(reason)],
  })
  return rowCount === 1
}

/** Gives a lease back unused: the delivery waits until an instant, for a reason that is nobody's fault. */
export async function holdLease(
  db: Transaction,
  key: DeliveryKey,
  epoch: number,
  until: Date,
  reason: unknown,
): Promise<void> {
  await db.query({
    name: 'hold-lease',
    text: `update delivery set next_attempt_at = $3, lease_until = null, enqueued_at = null, reason = $4
      where id = $1 and lease_epoch = $2 and lease_until is not null and state = 'waiting'`,
    values: [key, epoch, until, JSON.stringify(reason)],
  })
}

/** Keeps a lease while its holder is still at work. Returns false where it is lost: taken, settled or overtaken. */
export async function renewLease(
  db: Queryable,
  key: DeliveryKey,
  epoch: number,
  leaseSeconds: number,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'renew-lease',
    text: `update delivery set lease_until = clock_timestamp() + make_interval(secs => $3)
      where id = $1 and lease_epoch = $2 and lease_until is not null and state = 'waiting'`,
    values: [key, epoch, leaseSeconds],
  })
  return rowCount === 1
}
