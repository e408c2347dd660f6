import { type DeliveryKey, deliveryKey } from '../domain/identifiers.ts'
import type { OutboxItem } from '../domain/outbox-item.ts'
import type { TierCode } from '../domain/tier.ts'
import type { Urgency } from '../domain/urgency.ts'
import { IS_LOCAL, NOT_PAUSED } from './delivery-conditions.ts'
import type { Queryable, Transaction } from './pool.ts'
import { IS_UNTAKEN } from './untaken.ts'

/**
 * Takes up to `limit` items of which the queue is to be told out of the outbox, the most urgent first; they are back if
 * the transaction rolls back.
 */
export async function takeOutbox(db: Transaction, limit: number): Promise<OutboxItem[]> {
  const { rows } = await db.query<{ delivery_id: string; epoch: number; tier: string; urgency: Urgency }>({
    name: 'take-outbox',
    // A CTE is evaluated once: a subquery in USING may run again for every row and take more than `limit`.
    text: `with taken as (select id from outbox where not is_local order by urgency desc, id limit $1 for update skip locked),
      gone as (delete from outbox using taken where outbox.id = taken.id
        returning outbox.id, outbox.delivery_id, outbox.epoch, outbox.tier, outbox.urgency)
      select delivery_id, epoch, tier, urgency from gone order by urgency desc, id`,
    values: [limit],
  })
  return rows.map((row) => ({
    delivery: deliveryKey(row.delivery_id),
    epoch: row.epoch,
    tier: row.tier,
    urgency: row.urgency,
  }))
}

const DUE_OR_TAKEN = `state = 'waiting' and next_attempt_at <= clock_timestamp()
  and ${NOT_PAUSED}`

/** Due, and nobody is working on it. */
const DUE = `${DUE_OR_TAKEN} and (lease_until is null or lease_until <= clock_timestamp())`

/** The queue was not told of it: a retry, or a delivery of a circular. */
const UNQUEUED = 'enqueued_at is null'

const MOST_URGENT_FIRST = 'urgency desc, next_attempt_at, id'

/** Those of one kind that are due, in this order; who works on one, or has it locked, keeps it. */
const dueOnes = (condition: string, order: string, limit = '$1'): string =>
  `select id, urgency, next_attempt_at from delivery where ${DUE} and ${condition}
    order by ${order} limit ${limit} for update skip locked`

/**
 * One that could not be taken goes to a worker by itself: among those that go into inboxes together it would break them all.
 * @param source a query for the `id` of those that are put into the outbox, locked
 */
const requeue = (source: string, epoch: string): string => `with due as (${source}),
  marked as (
    update delivery set enqueued_at = clock_timestamp(), lease_epoch = ${epoch} from due where delivery.id = due.id
    returning delivery.id, lease_epoch, tier, delivery.urgency, ${IS_LOCAL} and lease_until is null and not ${IS_UNTAKEN} as is_local)
  insert into outbox (delivery_id, epoch, tier, urgency, is_local)
  select id, lease_epoch, tier, urgency, is_local from marked order by urgency desc, id`

/** Of each tier so many, in the order in which its index has them: a whole tier that waits is not sorted. */
const DUE_OF_EACH_TIER = `select due.id from tier
    cross join lateral (${dueOnes(`${UNQUEUED} and delivery.tier = tier.code`, 'urgency desc, next_attempt_at')}) as due
  order by ${MOST_URGENT_FIRST} limit $1`

/** Puts into the outbox what has become due: retries, and what a worker took and never settled. Returns how many. */
export async function queueDue(db: Transaction, limit: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'queue-due',
    text: requeue(DUE_OF_EACH_TIER, 'lease_epoch'),
    values: [limit],
  })
  return rowCount ?? 0
}

/** What the queue is fed with; the others are put into their inboxes as they are. */
const TO_FEED = `${UNQUEUED} and (not ${IS_LOCAL} or lease_until is not null)`

/** The tiers of which something is due and was not told to the queue. */
export async function tiersToFeed(db: Queryable): Promise<TierCode[]> {
  const { rows } = await db.query<{ code: TierCode }>({
    name: 'tiers-to-feed',
    text: `select code from tier
      where exists (select from delivery where delivery.tier = tier.code and ${TO_FEED} and ${DUE}) order by code`,
  })
  return rows.map(({ code }) => code)
}

/**
 * Puts up to `limit` deliveries of a tier that have become due, and do not lie in inboxes here alone, into the outbox, the
 * most urgent first. Returns how many.
 */
export async function queueDueOfTier(db: Transaction, tier: TierCode, limit: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'queue-due-of-tier',
    text: requeue(dueOnes(`${TO_FEED} and tier = $2`, MOST_URGENT_FIRST), 'lease_epoch'),
    values: [limit, tier],
  })
  return rowCount ?? 0
}

/**
 * Puts these into the outbox, where they are due and nobody is working on them. The epoch is raised: the job by which
 * they came may not be gone from the queue yet, and would swallow one of the same name. Returns how many.
 */
export async function requeueThese(db: Queryable, keys: readonly DeliveryKey[]): Promise<number> {
  if (keys.length === 0) return 0
  const { rowCount } = await db.query({
    name: 'requeue-these',
    text: requeue(dueOnes('id = any($2)', 'id'), 'lease_epoch + 1'),
    values: [keys.length, keys],
  })
  return rowCount ?? 0
}

/**
 * Of what the recipient of this delivery is to be told, and nobody is at: what comes first, the most urgent, and of equals
 * what became due first. What somebody has locked is passed over: nobody waits for it. Null where there is nothing.
 */
export async function findNextNotice(db: Queryable, key: DeliveryKey): Promise<DeliveryKey | null> {
  const { rows } = await db.query<{ id: string }>({
    name: 'find-next-notice',
    text: `select next.id from delivery as told, lateral (
        select id from delivery
        where recipient_code = told.recipient_code and channel = 'https-push' and ${DUE}
        order by ${MOST_URGENT_FIRST} limit 1 for no key update skip locked) as next
      where told.id = $1`,
    values: [key],
  })
  return rows[0] === undefined ? null : deliveryKey(rows[0].id)
}

/**
 * Seconds until a delivery that the queue was told of, and nobody works on, may have been forgotten: a quarter of the
 * time for which it has been due, and within these bounds. So one that merely waits is told again ever more seldom.
 */
export interface Patience {
  readonly least: number
  readonly most: number
}

const PATIENCE = `least(greatest((clock_timestamp() - next_attempt_at) / 4, make_interval(secs => $1)),
  make_interval(secs => $2))`

// What still lies in the outbox was not told to the queue at all, so the queue cannot have forgotten it.
const FORGOTTEN = `enqueued_at is not null and enqueued_at < clock_timestamp() - ${PATIENCE}
  and not exists (select from outbox where outbox.delivery_id = delivery.id)`

export interface DueOfTier {
  readonly tier: TierCode
  /** Deliveries of which the queue may rightly hold a job: those that are due, also where somebody works on them. */
  readonly due: number
  /** Those of them that the queue may have forgotten. */
  readonly forgotten: number
}

/** The tiers of which something may have been forgotten. */
export async function countForgotten(db: Queryable, patience: Patience): Promise<DueOfTier[]> {
  const { rows } = await db.query<DueOfTier>({
    name: 'count-forgotten',
    text: `with forgotten as (select tier, count(*) as forgotten from delivery where ${DUE} and ${FORGOTTEN} group by tier)
      select tier, count(*) as due, forgotten from delivery join forgotten using (tier)
      where ${DUE_OR_TAKEN} group by tier, forgotten`,
    values: [patience.least, patience.most],
  })
  return rows
}

/**
 * Puts up to `limit` of them into the outbox again, those first that were told longest ago. The epoch is raised, so that
 * the queue gets a job of another name: one of the old name that it holds and never gives out would swallow it.
 * Returns how many.
 */
export async function requeueForgotten(
  db: Transaction,
  tier: TierCode,
  patience: Patience,
  limit: number,
): Promise<number> {
  const { rowCount } = await db.query({
    name: 'requeue-forgotten',
    text: requeue(dueOnes(`${FORGOTTEN} and tier = $4`, 'enqueued_at', '$3'), 'lease_epoch + 1'),
    values: [patience.least, patience.most, limit, tier],
  })
  return rowCount ?? 0
}
