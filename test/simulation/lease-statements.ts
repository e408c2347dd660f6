import type { Reroute, Settlement } from '../../src/db/leases.ts'
import type { AttemptState } from '../../src/domain/attempt-state.ts'
import { isConnectorChannel } from '../../src/domain/axis/connector.ts'
import type { DeliveryKey } from '../../src/domain/identifiers.ts'
import type { Rules } from './rules.ts'
import { type Attempt, later, patched, type Row, rowOf, type Tables } from './tables.ts'

/*
 * The statements of src/db/leases.ts and src/db/attempts.ts as functions of tables: the same conditions, the same effects.
 */

/** Null: nothing to take. */
export function takeLease(
  rules: Rules,
  tables: Tables,
  now: Date,
  key: DeliveryKey,
  leaseSeconds: number,
): { tables: Tables; taken: Row } | null {
  const row = rowOf(tables, key)
  if (row === undefined || !rules.isDue(row, now) || !rules.isFree(row, now)) return null
  if (rules.isHeldBack(row, tables.paused)) return null
  const taken: Row = {
    ...row,
    leaseEpoch: row.leaseEpoch + rules.raises.take,
    leaseUntil: later(now, leaseSeconds),
    abandonments: row.abandonments + (row.leaseUntil === null ? 0 : 1),
    enqueuedAt: null,
  }
  return { tables: patched(tables, key, taken), taken }
}

/** Until when another delivery over which workers died, and that goes by no connector, is in somebody's hands; null where none is. */
export function othersInHandUntil(
  { suspectFrom }: Pick<Rules, 'suspectFrom'>,
  { deliveries }: Tables,
  now: Date,
  key: DeliveryKey,
): Date | null {
  const ends = deliveries.flatMap(({ key: other, channel, state, abandonments, leaseUntil }) =>
    other !== key &&
    !isConnectorChannel(channel) &&
    state === 'waiting' &&
    abandonments >= suspectFrom &&
    leaseUntil !== null &&
    leaseUntil > now
      ? [leaseUntil.getTime()]
      : [],
  )
  return ends.length === 0 ? null : new Date(Math.max(...ends))
}

export function numberInInbox(rules: Rules, tables: Tables, row: Row): Tables {
  if (!rules.needsNumber(row)) return tables
  const number = (tables.inboxes[row.recipient] ?? 0) + 1
  const inboxes = { ...tables.inboxes, [row.recipient]: number }
  return { ...patched(tables, row.key, { inboxNumber: number }), inboxes }
}

const closing = (tables: Tables, close: (attempt: Attempt) => AttemptState): Tables => ({
  ...tables,
  attempts: tables.attempts.map((attempt) => {
    const state = close(attempt)
    return state === attempt.state ? attempt : { ...attempt, state }
  }),
})

/** Closes whatever is open of a delivery. */
export const closeOpen = (tables: Tables, key: DeliveryKey, state: 'abandoned' | 'superseded'): Tables =>
  closing(tables, (one) => (one.delivery === key && one.state === 'started' ? state : one.state))

export const openAttempt = (tables: Tables, { key, leaseEpoch }: Row): Tables => {
  const before = leaseEpoch > 1 ? closeOpen(tables, key, 'abandoned') : tables
  return {
    ...before,
    attempts: [...before.attempts, { delivery: key, epoch: leaseEpoch, state: 'started' }],
  }
}

export const closeAttempt = (tables: Tables, key: DeliveryKey, epoch: number, state: AttemptState): Tables =>
  closing(tables, (one) =>
    one.delivery === key &&
    one.epoch === epoch &&
    (one.state === 'started' || (one.state === 'superseded' && state === 'superseded'))
      ? state
      : one.state,
  )

/** Null: the lease is lost. */
export function settleLease(
  rules: Rules,
  tables: Tables,
  now: Date,
  key: DeliveryKey,
  epoch: number,
  { state, retryAfter, reason, counts, mayHaveLeft, remoteId }: Settlement,
): Tables | null {
  const row = rowOf(tables, key)
  if (row === undefined || !rules.holds(row, epoch)) return null
  return patched(tables, key, {
    state,
    stateSince: row.state === state ? row.stateSince : now,
    nextAttemptAt: retryAfter === null ? null : later(now, retryAfter),
    leaseUntil: null,
    enqueuedAt: null,
    reason,
    attempts: row.attempts + (counts ? 1 : 0),
    abandonments: 0,
    remoteId: remoteId ?? row.remoteId,
    mayHaveLeft: mayHaveLeft ?? row.mayHaveLeft,
    handedOverAt: state === 'handed-over' ? now : row.handedOverAt,
  })
}

/** Null: the lease is lost. */
export function rerouteLease(
  rules: Rules,
  tables: Tables,
  now: Date,
  key: DeliveryKey,
  epoch: number,
  { channel, route, notBefore, reason }: Reroute,
): Tables | null {
  const row = rowOf(tables, key)
  if (row === undefined || !rules.holds(row, epoch)) return null
  const leaves = isConnectorChannel(channel)
  const { recipient: agency, inboxNumber, tier, urgency } = row
  const moved = patched(tables, key, {
    channel,
    route,
    attempts: 0,
    abandonments: 0,
    reason,
    leaseUntil: null,
    mayHaveLeft: false,
    nextAttemptAt: notBefore ?? now,
    enqueuedAt: notBefore === null ? now : null,
    inboxNumber: leaves ? null : inboxNumber,
  })
  const departures =
    leaves && inboxNumber !== null ? [...moved.departures, { agency, number: inboxNumber }] : moved.departures
  if (notBefore !== null) return { ...moved, departures }
  const id = moved.lastOutboxId + 1
  const told = { id, delivery: key, epoch, tier, urgency, isLocal: false }
  return { ...moved, departures, lastOutboxId: id, outbox: [...moved.outbox, told] }
}

/** A lease given back unused, until an instant. */
export function holdLease(
  rules: Rules,
  tables: Tables,
  key: DeliveryKey,
  epoch: number,
  until: Date,
): Tables {
  const row = rowOf(tables, key)
  if (row === undefined || !rules.holds(row, epoch)) return tables
  return patched(tables, key, { nextAttemptAt: until, leaseUntil: null, enqueuedAt: null })
}

/** Null: the lease is lost. */
export function renewLease(
  rules: Rules,
  tables: Tables,
  now: Date,
  key: DeliveryKey,
  epoch: number,
  leaseSeconds: number,
): Tables | null {
  const row = rowOf(tables, key)
  if (row === undefined || !rules.holds(row, epoch)) return null
  return patched(tables, key, { leaseUntil: later(now, leaseSeconds) })
}
