import { isConnectorChannel } from '../domain/axis/connector.ts'
import type { ChannelId } from '../domain/channel-id.ts'
import { type AgencyCode, type DeliveryKey, deliveryKey } from '../domain/identifiers.ts'
import type { DeliveryExplanation } from '../domain/routing-rule.ts'
import type { Urgency } from '../domain/urgency.ts'
import { DELIVERY_COLUMNS, type DeliveryRecord, type DeliveryRow, toDelivery } from './deliveries.ts'
import { NUMBER_FLOOR, STILL_WAITING } from './delivery-conditions.ts'
import type { Queryable, Transaction } from './pool.ts'

/**
 * A delivery in the hands of one worker, until `lease_until` or until the epoch moves on; numbered in its inbox, where it
 * goes into one.
 */
export type LeasedDelivery = DeliveryRecord

/** Who holds what: a write under a lease asks for its epoch. */
export interface Lease {
  readonly key: DeliveryKey
  readonly epoch: number
}

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
      where id = $1 and ${STILL_WAITING} and next_attempt_at <= clock_timestamp()
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
        insert into inbox (agency_code, last_number)
        values ($2, 1 + ${NUMBER_FLOOR})
        on conflict (agency_code) do update set last_number = inbox.last_number + 1
        returning last_number)
      update delivery set inbox_number = number.last_number from number
      where id = $1 returning inbox_number`,
    values: [key, recipient],
  })
  return { ...delivery, inboxNumber: rows[0]!.inbox_number }
}

export interface Settlement {
  readonly state: 'available' | 'handed-over' | 'waiting' | 'failed'
  /** Seconds until the next attempt, where the state is `waiting`. */
  readonly retryAfter: number | null
  readonly reason: unknown
  /** False where the recipient is not to blame: the attempt does not bring the delivery nearer to its end. */
  readonly counts: boolean
  /** Under which number another exchange keeps it, where it told one. */
  readonly remoteId?: string
  /** Whether another exchange may hold it; as before where left out. */
  readonly mayHaveLeft?: boolean
}

/** Of the deliveries given (`$1` keys, `$2` epochs) those whose lease still holds, locked in the order of their keys. */
const HELD = `held as (
    select delivery.id from unnest($1::uuid[], $2::bigint[]) as given (id, epoch) join delivery using (id)
    where lease_epoch = epoch and lease_until is not null and ${STILL_WAITING} order by id for update of delivery)`

const leaseValues = (leases: readonly Lease[]) => [
  leases.map(({ key }) => key),
  leases.map(({ epoch }) => epoch),
]

/**
 * Writes what became of attempts, as far as the leases are still those that they were made under. Returns which were. A
 * lease is settled once: settling gives it up. All of them are due again at one instant, so that they go together again.
 */
export async function settleLeases(
  db: Transaction,
  leases: readonly Lease[],
  settlement: Settlement,
): Promise<ReadonlySet<DeliveryKey>> {
  const { rows } = await db.query<{ id: string }>({
    name: 'settle-leases',
    text: `with ${HELD}
      update delivery
      set state = $3, state_since = case when state = $3 then state_since else clock_timestamp() end,
        next_attempt_at = statement_timestamp() + make_interval(secs => $4), lease_until = null, enqueued_at = null,
        reason = $5, attempts = attempts + $6, abandonments = 0, remote_id = coalesce($7, remote_id),
        may_have_left = coalesce($8, may_have_left),
        handed_over_at = case when $3 = 'handed-over' then clock_timestamp() else handed_over_at end,
        receipt_due_at = case when $3 = 'handed-over' and $7::text is not null
          then statement_timestamp() + interval '1 minute' end
      from held where delivery.id = held.id returning delivery.id`,
    values: [
      ...leaseValues(leases),
      settlement.state,
      settlement.retryAfter,
      settlement.reason === null ? null : JSON.stringify(settlement.reason),
      settlement.counts ? 1 : 0,
      settlement.remoteId ?? null,
      settlement.mayHaveLeft ?? null,
    ],
  })
  return new Set(rows.map(({ id }) => deliveryKey(id)))
}

/** The same for one. Returns whether its lease still held. */
export const settleLease = async (
  db: Transaction,
  key: DeliveryKey,
  epoch: number,
  settlement: Settlement,
): Promise<boolean> => (await settleLeases(db, [{ key, epoch }], settlement)).size === 1

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
 * told where it is due. One that goes by another exchange from now on leaves the inbox that it lay in; its number stays
 * with that inbox, on record. Returns false where the lease is lost.
 */
export async function rerouteLease(
  db: Transaction,
  key: DeliveryKey,
  epoch: number,
  { channel, route, notBefore, reason }: Reroute,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'reroute-lease',
    text: `with before as (
        select id, recipient_code, inbox_number from delivery
        where id = $1 and lease_epoch = $2 and lease_until is not null and ${STILL_WAITING} for update),
      moved as (
        update delivery set channel = $3, route = $4, attempts = 0, abandonments = 0, reason = $6, lease_until = null,
          may_have_left = false, next_attempt_at = coalesce($5, clock_timestamp()),
          enqueued_at = case when $5::timestamptz is null then clock_timestamp() end,
          inbox_number = case when $7 then null else delivery.inbox_number end,
          claim_token = case when $7 then null else delivery.claim_token end,
          claim_until = case when $7 then null else delivery.claim_until end
        from before where delivery.id = before.id
        returning delivery.id, lease_epoch, tier, urgency, enqueued_at),
      departed as (
        insert into inbox_departure (agency_code, inbox_number, delivery_id, moved_to)
        select recipient_code, inbox_number, id, null from before where $7 and inbox_number is not null),
      told as (
        insert into outbox (delivery_id, epoch, tier, urgency)
        select id, lease_epoch, tier, urgency from moved where enqueued_at is not null)
      select id from moved`,
    values: [
      key,
      epoch,
      channel,
      JSON.stringify(route),
      notBefore,
      JSON.stringify(reason),
      isConnectorChannel(channel),
    ],
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
      where id = $1 and lease_epoch = $2 and lease_until is not null and ${STILL_WAITING}`,
    values: [key, epoch, until, JSON.stringify(reason)],
  })
}

/**
 * Keeps leases while their holder is still at work, all until one instant. Returns which still hold: others are lost,
 * taken, settled or overtaken.
 */
export async function renewLeases(
  db: Queryable,
  leases: readonly Lease[],
  leaseSeconds: number,
): Promise<ReadonlySet<DeliveryKey>> {
  const { rows } = await db.query<{ id: string }>({
    name: 'renew-leases',
    text: `with ${HELD}
      update delivery set lease_until = statement_timestamp() + make_interval(secs => $3)
      from held where delivery.id = held.id returning delivery.id`,
    values: [...leaseValues(leases), leaseSeconds],
  })
  return new Set(rows.map(({ id }) => deliveryKey(id)))
}

/** The same for one. Returns false where its lease is lost. */
export const renewLease = async (
  db: Queryable,
  key: DeliveryKey,
  epoch: number,
  leaseSeconds: number,
): Promise<boolean> => (await renewLeases(db, [{ key, epoch }], leaseSeconds)).size === 1
