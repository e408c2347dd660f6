import { IN_FLIGHT } from '../../src/db/in-flight.ts'
import type { DeliveryState } from '../../src/domain/delivery-state.ts'
import type { AgencyCode, DeliveryKey } from '../../src/domain/identifiers.ts'
import { closeOpen } from './lease-statements.ts'
import type { Rules } from './rules.ts'
import { patched, type Row, rowOf, type Tables } from './tables.ts'

/* What recipients, senders and administrators do to a delivery; each leaves whoever worked on it behind. */

/** A move by somebody who holds no lease; null where the state does not allow it. */
function leave(
  rules: Rules,
  tables: Tables,
  now: Date,
  key: DeliveryKey,
  to: DeliveryState,
  patch: Partial<Row>,
): Tables | null {
  const row = rowOf(tables, key)
  if (row === undefined || !rules.mayMove(row.state, to)) return null
  const moved = patched(tables, key, {
    state: to,
    stateSince: now,
    nextAttemptAt: null,
    leaseUntil: null,
    leaseEpoch: row.leaseEpoch + rules.raises.leave,
    reason: null,
    ...patch,
  })
  return closeOpen(moved, key, 'superseded')
}

/** As in `lockOwnDelivery` and `markHandedOver`; null where the recipient is refused. */
export function handOver(
  rules: Rules,
  tables: Tables,
  now: Date,
  agency: AgencyCode,
  key: DeliveryKey,
): Tables | null {
  const row = rowOf(tables, key)
  if (row === undefined || row.recipient !== agency || row.inboxNumber === null) return null
  if (row.handedOverAt !== null) return tables
  return leave(rules, tables, now, key, 'handed-over', { handedOverAt: now })
}

/** Null where the recipient is refused. */
export function acknowledge(rules: Rules, tables: Tables, now: Date, key: DeliveryKey): Tables | null {
  const row = rowOf(tables, key)
  if (row === undefined || !rules.mayMove(row.state, 'acknowledged')) return null
  return patched(tables, key, { state: 'acknowledged', stateSince: now, acknowledgedAt: now })
}

/** Null where it may not be withdrawn any more. */
export const withdraw = (
  rules: Rules,
  tables: Tables,
  now: Date,
  key: DeliveryKey,
  reason: unknown,
): Tables | null => leave(rules, tables, now, key, 'withdrawn', { reason })

/** Null where it has not failed. */
export function restart(rules: Rules, tables: Tables, now: Date, key: DeliveryKey): Tables | null {
  const row = rowOf(tables, key)
  if (row?.state !== 'failed') return null
  const moved = patched(tables, key, {
    state: 'waiting',
    stateSince: now,
    attempts: 0,
    abandonments: 0,
    reason: null,
    nextAttemptAt: now,
    enqueuedAt: now,
    leaseUntil: null,
    leaseEpoch: row.leaseEpoch + rules.raises.leave,
  })
  const id = moved.lastOutboxId + 1
  const { tier, urgency } = row
  const told = {
    id,
    delivery: key,
    epoch: row.leaseEpoch + rules.raises.leave,
    tier,
    urgency,
    isLocal: false,
  }
  return { ...moved, lastOutboxId: id, outbox: [...moved.outbox, told] }
}

/** The delivery goes to whoever took over from its recipient; null where it was handed over, or is no longer this one's. */
export function redirect(
  tables: Tables,
  now: Date,
  key: DeliveryKey,
  move: Pick<Row, 'tier' | 'channel' | 'route'> & { readonly from: AgencyCode; readonly to: AgencyCode },
): Tables | null {
  const row = rowOf(tables, key)
  if (row === undefined || row.recipient !== move.from || !IN_FLIGHT.includes(row.state)) return null
  const { from: agency, to, ...way } = move
  const moved = patched(tables, key, {
    ...way,
    recipient: to,
    state: 'waiting',
    stateSince: now,
    nextAttemptAt: now,
    attempts: 0,
    abandonments: 0,
    reason: null,
    inboxNumber: agency === to ? row.inboxNumber : null,
    enqueuedAt: null,
    leaseUntil: null,
    leaseEpoch: row.leaseEpoch + 1,
  })
  const departures =
    row.inboxNumber === null || agency === to
      ? moved.departures
      : [...moved.departures, { agency, number: row.inboxNumber }]
  return closeOpen({ ...moved, departures }, key, 'superseded')
}
