import type { ChannelId } from '../domain/channel-id.ts'
import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import { quietReason } from '../domain/quiet-hours.ts'
import type { TierCode } from '../domain/tier.ts'
import { SUPERSEDE_ATTEMPTS } from './attempts.ts'
import { IN_FLIGHT } from './in-flight.ts'
import type { Transaction } from './pool.ts'

export interface Redirection {
  readonly key: DeliveryKey
  readonly from: AgencyCode
  readonly to: AgencyCode
  readonly tier: TierCode
  readonly channel: ChannelId
  readonly route: unknown
  /** The end of the quiet hours for which it waits; due at once where null. */
  readonly firstAttemptAt: Date | null
}

/** The deliveries given that may still leave, as they are before they do. */
const BEFORE = `before as (
    select delivery.id, delivery.recipient_code, delivery.inbox_number from delivery join given on delivery.id = given.id
    where delivery.recipient_code = given.from_code and delivery.state = any($1) for update of delivery)`

/** The number that a delivery had in the inbox that it leaves stays with that inbox, on record. */
const depart = (to: string): string => `departed as (
    insert into inbox_departure (agency_code, inbox_number, delivery_id, moved_to)
    select before.recipient_code, before.inbox_number, before.id, ${to}
    from before join given using (id) join moved using (id)
    where before.inbox_number is not null and before.recipient_code is distinct from ${to})`

const LEAVE = `state_since = clock_timestamp(), enqueued_at = null, claim_token = null, claim_until = null,
  lease_until = null, lease_epoch = lease_epoch + 1`

/**
 * Gives deliveries that were not handed over to other recipients, or to their own anew, with all attempts before them.
 * Whoever works on one is fenced off. They become due, and are fed to the queue like any others that are. Returns how many were still to be had.
 */
export async function redirectDeliveries(db: Transaction, moves: readonly Redirection[]): Promise<number> {
  if (moves.length === 0) return 0
  const { rowCount } = await db.query({
    name: 'redirect-deliveries',
    text: `with given as (
        select * from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::timestamptz[],
          $9::jsonb[]) as given (id, from_code, to_code, tier, channel, route, due, reason)),
      ${BEFORE},
      moved as (
        update delivery set recipient_code = given.to_code, tier = given.tier, channel = given.channel,
          route = given.route, state = 'waiting', next_attempt_at = coalesce(given.due, clock_timestamp()),
          attempts = 0, abandonments = 0, reason = given.reason, stays_under = null,
          inbox_number = case when given.from_code = given.to_code then delivery.inbox_number end, ${LEAVE}
        from before join given using (id) where delivery.id = before.id returning delivery.id),
      closed as (${SUPERSEDE_ATTEMPTS}), ${depart('given.to_code')}
      select id from moved`,
    values: [
      IN_FLIGHT,
      moves.map(({ key }) => key),
      moves.map(({ from }) => from),
      moves.map(({ to }) => to),
      moves.map(({ tier }) => tier),
      moves.map(({ channel }) => channel),
      moves.map(({ route }) => JSON.stringify(route)),
      moves.map(({ firstAttemptAt }) => firstAttemptAt),
      moves.map(({ firstAttemptAt: due }) => due && JSON.stringify(quietReason(due))),
    ],
  })
  return rowCount ?? 0
}

export interface Bounce {
  readonly key: DeliveryKey
  readonly from: AgencyCode
  readonly reason: unknown
  /** Under what it was decided. */
  readonly under: string
}

/**
 * Gives up deliveries that were not handed over, and takes them out of the inboxes in which they lay. Returns how many
 * were still to be had.
 */
export async function bounceDeliveries(db: Transaction, bounces: readonly Bounce[]): Promise<number> {
  if (bounces.length === 0) return 0
  const { rowCount } = await db.query({
    name: 'bounce-deliveries',
    text: `with given as (
        select * from unnest($2::uuid[], $3::text[], $4::jsonb[], $5::text[])
          as given (id, from_code, reason, under)),
      ${BEFORE},
      moved as (
        update delivery set state = 'failed', next_attempt_at = null, reason = given.reason, stays_under = given.under,
          inbox_number = null, ${LEAVE}
        from before join given using (id) where delivery.id = before.id returning delivery.id),
      closed as (${SUPERSEDE_ATTEMPTS}), ${depart('null')}
      select id from moved`,
    values: [
      IN_FLIGHT,
      bounces.map(({ key }) => key),
      bounces.map(({ from }) => from),
      bounces.map(({ reason }) => JSON.stringify(reason)),
      bounces.map(({ under }) => under),
    ],
  })
  return rowCount ?? 0
}

/** Notes of deliveries why they stay where they are, and under what that was decided. */
export async function noteStays(
  db: Transaction,
  stays: readonly { readonly key: DeliveryKey; readonly under: string }[],
): Promise<void> {
  if (stays.length === 0) return
  await db.query({
    name: 'note-stays',
    text: `update delivery set stays_under = given.under
      from unnest($1::uuid[], $2::text[]) as given (id, under) where delivery.id = given.id`,
    values: [stays.map(({ key }) => key), stays.map(({ under }) => under)],
  })
}

/** Writes explanations of deliveries anew: they have got more names. */
export async function writeRoutes(db: Transaction, routes: ReadonlyMap<DeliveryKey, unknown>): Promise<void> {
  if (routes.size === 0) return
  await db.query({
    name: 'write-routes',
    text: `update delivery set route = given.route
      from unnest($1::uuid[], $2::jsonb[]) as given (id, route) where delivery.id = given.id`,
    values: [[...routes.keys()], [...routes.values()].map((route) => JSON.stringify(route))],
  })
}
