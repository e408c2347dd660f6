import type { AuditEventKind } from '../domain/audit-event.ts'
import type { ChannelId } from '../domain/channel-id.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { TierCode } from '../domain/tier.ts'
import { IS_LOCAL, NOT_PAUSED, NUMBER_FLOOR, STILL_WAITING } from './delivery-conditions.ts'
import { DURABLY } from './durability.ts'
import type { Queryable } from './pool.ts'

const MAILBOX: ChannelId = 'mailbox'
const AVAILABLE: AuditEventKind = 'delivery-available'

const TIME = 'substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)'
const TIMED = `overlay(uuid_send(gen_random_uuid()) placing ${TIME} from 1 for 6)`
/** RFC 9562 §5.7, by the database's clock: these two bits make the version of a random UUID, 4, a 7. */
const UUIDV7 = `encode(set_bit(set_bit(${TIMED}, 52, 1), 53, 1), 'hex')::uuid`

export interface LocalRound {
  /** Names this process in attempts and events. */
  readonly worker: string
  readonly tiers: readonly TierCode[]
  /** Deliveries of one tier at most. */
  readonly limit: number
}

export interface LocalDelivered {
  /** How many are in their inboxes now. */
  readonly delivered: number
  /** Into whose. */
  readonly recipients: readonly AgencyCode[]
  /** Whether the outbox holds what the queue must be told of. */
  readonly toTell: boolean
}

/**
 * Puts deliveries into their inboxes: numbers, states, attempts and events in one statement that is a transaction by
 * itself, durable when it is answered. So a process that dies or is frozen in the middle holds no lock and leaves no
 * lease; whoever took an earlier lease is fenced off by the epoch. Inboxes are locked in the order of their agencies,
 * and deliveries that somebody else holds are left out.
 * @param source CTEs up to `wanted` (delivery_id, place): the deliveries, each once, and their order in an inbox
 * @param after CTEs behind `delivered` (id)
 */
const deliverLocally = (source: string, after: string, toTell: string): string => `with ${source},
  free as materialized (
    select delivery.id, delivery.document_id, delivery.recipient_code, delivery.inbox_number, wanted.place
    from wanted join delivery on delivery.id = wanted.delivery_id
    where ${STILL_WAITING} and delivery.lease_until is null and ${IS_LOCAL}
      and delivery.next_attempt_at <= clock_timestamp()
      and not exists (select from recipient_pause where agency_code = delivery.recipient_code)
    order by delivery.id for update of delivery skip locked),
  counted as (
    select recipient_code, count(*) as deliveries from free where inbox_number is null group by recipient_code),
  numbered as (
    insert into inbox (agency_code, last_number)
    select recipient_code, deliveries + ${NUMBER_FLOOR} from counted order by recipient_code
    on conflict (agency_code) do update set last_number = inbox.last_number + excluded.last_number - ${NUMBER_FLOOR}
    returning agency_code, last_number),
  placed as (
    select free.id, coalesce(free.inbox_number, last_number - deliveries
        + row_number() over (partition by free.recipient_code, free.inbox_number is null order by place)) as number
    from free left join counted using (recipient_code) left join numbered on agency_code = recipient_code),
  delivered as (
    update delivery set state = 'available', state_since = clock_timestamp(), inbox_number = placed.number,
      lease_epoch = lease_epoch + 1, attempts = attempts + 1, abandonments = 0, next_attempt_at = null,
      enqueued_at = null, reason = null
    from placed where delivery.id = placed.id
    returning delivery.id, document_id, recipient_code, lease_epoch, attempts),
  attempted as (
    insert into attempt (delivery_id, epoch, channel, worker, state, started_at, finished_at)
    select id, lease_epoch, '${MAILBOX}', $1, 'succeeded', statement_timestamp(), clock_timestamp() from delivered),
  recorded as (
    insert into audit_event (id, kind, actor, agency_code, document_id, delivery_id, detail)
    select ${UUIDV7}, '${AVAILABLE}', $1, recipient_code, document_id, id,
      jsonb_build_object('attempt', attempts, 'channel', '${MAILBOX}', 'result', null)
    from delivered)${after}
  select count(*) as delivered, coalesce(array_agg(distinct recipient_code), '{}') as recipients, ${toTell} as "toTell",
    ${DURABLY}
  from delivered`

/** What the outbox holds for inboxes here, of each tier ($2) the most urgent first. */
const taken = (lock: 'for update' | 'for update skip locked'): string => `taken as materialized (
    select item.id, item.delivery_id, item.urgency from unnest($2::text[]) as served (tier) cross join lateral (
      select id, delivery_id, urgency from outbox where is_local and outbox.tier = served.tier
      order by urgency desc, id limit $3 ${lock}) as item)`

const FROM_OUTBOX = deliverLocally(
  `${taken('for update skip locked')},
  wanted as (
    select delivery_id, row_number() over (order by max(urgency) desc, min(id)) as place
    from taken group by delivery_id)`,
  `,
  gone as (
    delete from outbox using taken join delivered on delivered.id = taken.delivery_id where outbox.id = taken.id),
  passed_on as (
    update outbox set is_local = false from taken
    where outbox.id = taken.id and not exists (select from delivered where delivered.id = taken.delivery_id)
    returning outbox.id)`,
  `exists (select from passed_on) or exists (select from outbox where not is_local)`,
)

/**
 * Delivers what the outbox holds for inboxes here, of each tier the most urgent first. What cannot be delivered just
 * now, such as one that is locked or paused, is left to a worker: the queue is to be told of it.
 */
export const deliverOutboxLocally = (db: Queryable, round: LocalRound): Promise<LocalDelivered> =>
  deliver(db, 'deliver-outbox-locally', FROM_OUTBOX, round)

/**
 * Leaves what would have its turn next to workers, who take each by itself: one that breaks the statement, such as by an
 * inbox whose counter is damaged, holds up no others. Their locks are waited for: a server tells of an error before it lets go
 * of what the statement had locked.
 */
export async function leaveToQueue(db: Queryable, { worker, tiers, limit }: LocalRound): Promise<void> {
  await db.query({
    name: 'leave-to-queue',
    text: `with asking as (select $1::text), ${taken('for update')}
      update outbox set is_local = false from taken where outbox.id = taken.id`,
    values: [worker, tiers, limit],
  })
}

const DUE = deliverLocally(
  `wanted as materialized (
    select due.id as delivery_id, row_number() over (order by urgency desc, next_attempt_at) as place
    from unnest($2::text[]) as served (tier) cross join lateral (
      select id, urgency, next_attempt_at from delivery
      where state = 'waiting' and enqueued_at is null and ${IS_LOCAL} and delivery.tier = served.tier
        and next_attempt_at <= clock_timestamp() and lease_until is null
        and ${NOT_PAUSED}
      order by urgency desc, next_attempt_at limit $3) as due)`,
  '',
  'false',
)

/** Delivers what is due and of which the outbox was not told: circulars, and what moved to another inbox. */
export const deliverDueLocally = (db: Queryable, round: LocalRound): Promise<LocalDelivered> =>
  deliver(db, 'deliver-due-locally', DUE, round)

async function deliver(
  db: Queryable,
  name: string,
  text: string,
  { worker, tiers, limit }: LocalRound,
): Promise<LocalDelivered> {
  const { rows } = await db.query<LocalDelivered>({ name, text, values: [worker, tiers, limit] })
  return rows[0]!
}
