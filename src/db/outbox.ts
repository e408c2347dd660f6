import { deliveryKey } from '../domain/identifiers.ts'
import type { OutboxItem } from '../domain/outbox-item.ts'
import type { TierCode } from '../domain/tier.ts'
import type { Urgency } from '../domain/urgency.ts'
import type { Queryable, Transaction } from './pool.ts'

/** Takes up to `limit` items out of the outbox, oldest first; they are back if the transaction rolls back. */
export async function takeOutbox(db: Transaction, limit: number): Promise<OutboxItem[]> {
  const { rows } = await db.query<{ delivery_id: string; epoch: number; tier: string; urgency: Urgency }>({
    name: 'take-outbox',
    // A CTE is evaluated once: a subquery in USING may run again for every row and take more than `limit`.
    text: `with taken as (select id from outbox order by id limit $1 for update skip locked)
      delete from outbox using taken where outbox.id = taken.id
      returning outbox.delivery_id, outbox.epoch, outbox.tier, outbox.urgency`,
    values: [limit],
  })
  return rows.map((row) => ({
    delivery: deliveryKey(row.delivery_id),
    epoch: row.epoch,
    tier: row.tier,
    urgency: row.urgency,
  }))
}

/** Due, and nobody is working on it. */
const DUE = `state = 'waiting' and next_attempt_at <= clock_timestamp()
  and (lease_until is null or lease_until <= clock_timestamp())
  and not exists (select from endpoint where agency_code = delivery.recipient_code and paused)`

const requeue = (condition: string, order: string, epoch: string): string => `with due as (
    select id from delivery where ${DUE} and ${condition}
    order by ${order} limit $1 for update skip locked),
  marked as (
    update delivery set enqueued_at = clock_timestamp(), lease_epoch = ${epoch} from due where delivery.id = due.id
    returning delivery.id, lease_epoch, tier, urgency)
  insert into outbox (delivery_id, epoch, tier, urgency)
  select id, lease_epoch, tier, urgency from marked order by urgency desc`

/** Puts into the outbox what has become due: retries, and what a worker took and never settled. Returns how many. */
export async function queueDue(db: Transaction, limit: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'queue-due',
    text: requeue('enqueued_at is null', 'urgency desc, next_attempt_at', 'lease_epoch'),
    values: [limit],
  })
  return rowCount ?? 0
}

// What still lies in the outbox was not told to the queue at all, so the queue cannot have forgotten it.
const FORGOTTEN = `enqueued_at < clock_timestamp() - make_interval(secs => $2)
  and not exists (select from outbox where outbox.delivery_id = delivery.id)`

/** How many due deliveries of each tier the queue was told of more than `patience` seconds ago. */
export async function countForgotten(db: Queryable, patience: number): Promise<Map<TierCode, number>> {
  const { rows } = await db.query<{ tier: string; due: number }>({
    name: 'count-forgotten',
    text: `select tier, count(*) as due from delivery
      where ${DUE} and ${FORGOTTEN.replace('$2', '$1')} group by tier`,
    values: [patience],
  })
  return new Map(rows.map((row) => [row.tier, row.due]))
}

/**
 * Puts up to `limit` of them into the outbox again, those first that were told longest ago. The epoch is raised, so that
 * the queue gets a job of another name: one of the old name that it holds and never gives out would swallow it.
 * Returns how many.
 */
export async function requeueForgotten(
  db: Transaction,
  tier: TierCode,
  patience: number,
  limit: number,
): Promise<number> {
  const { rowCount } = await db.query({
    name: 'requeue-forgotten',
    text: requeue(`${FORGOTTEN} and tier = $3`, 'enqueued_at', 'lease_epoch + 1'),
    values: [limit, patience, tier],
  })
  return rowCount ?? 0
}
