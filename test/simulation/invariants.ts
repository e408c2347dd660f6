import { RETRY_SCHEDULE } from '../../src/delivery/retry-policy.ts'
import { MOST_ABANDONMENTS } from '../../src/delivery/take.ts'
import { ATTEMPT_STATES } from '../../src/domain/attempt-state.ts'
import { canMove } from '../../src/domain/delivery-state.ts'
import type { State } from './state.ts'
import { type Row, rowOf, type Tables } from './tables.ts'

/**
 * What must hold after every step, whatever happened. Written from the documented states and from what really happened
 * (`Truth`), never from the conditions of the statements. Null: it holds.
 */
export function breachOf(before: State, after: State): string | null {
  if (after.breach !== null) return after.breach
  if (before.tables === after.tables && before.truth === after.truth) return null
  return (
    first(
      after.tables.deliveries,
      (row) => wrongMove(rowOf(before.tables, row.key), row) ?? wrongRow(row, after),
    ) ??
    wrongAttempts(before.tables, after.tables) ??
    wrongInboxes(after.tables) ??
    wrongTruth(after)
  )
}

function first<T>(list: readonly T[], fault: (one: T) => string | null): string | null {
  for (const one of list) {
    const found = fault(one)
    if (found !== null) return found
  }
  return null
}

function wrongMove(before: Row | undefined, after: Row): string | null {
  if (before === undefined || before === after) return null
  const { key, state } = after
  if (before.state !== state && !canMove(before.state, state))
    return `${key} went from ${before.state} to ${state}`
  return after.leaseEpoch < before.leaseEpoch ? `the epoch of ${key} fell` : null
}

function wrongRow(row: Row, { truth }: State): string | null {
  const { key, leaseUntil, attempts, abandonments, state, nextAttemptAt } = row
  if (leaseUntil !== null && truth.holders[key] === undefined) return `${key} is leased, and nobody took it`
  if (attempts > RETRY_SCHEDULE.length + 1) return `${key} was tried ${attempts} times`
  if (abandonments > MOST_ABANDONMENTS) return `${abandonments} workers died over ${key}`
  return (state === 'waiting') === (nextAttemptAt !== null)
    ? null
    : `${key} is ${state}, and due at ${nextAttemptAt}`
}

function wrongAttempts(before: Tables, { attempts }: Tables): string | null {
  if (before.attempts === attempts) return null
  const open = new Set<string>()
  for (const [index, { delivery, epoch, state }] of attempts.entries()) {
    const was = before.attempts[index]?.state
    if (was !== undefined && was !== state && !(state in ATTEMPT_STATES[was].next))
      return `attempt ${epoch} at ${delivery} went from ${was} to ${state}`
    if (state !== 'started') continue
    if (open.has(delivery)) return `two attempts at ${delivery} are open`
    open.add(delivery)
  }
  const names = new Set(attempts.map(({ delivery, epoch }) => `${delivery} ${epoch}`))
  return names.size === attempts.length ? null : 'two attempts under one epoch'
}

/** Numbers of an inbox are given once each, and none is left out. */
function wrongInboxes({ deliveries, departures, inboxes }: Tables): string | null {
  for (const [agency, last] of Object.entries(inboxes)) {
    const numbers = [
      ...deliveries.filter(({ recipient }) => recipient === agency).map(({ inboxNumber }) => inboxNumber),
      ...departures.filter((one) => one.agency === agency).map(({ number }) => number),
    ].filter((number) => number !== null)
    if (numbers.length !== last || new Set(numbers).size !== last)
      return `the inbox of ${agency} has ${numbers.length} entries for ${last} numbers`
  }
  return null
}

function wrongTruth({ truth, tables }: State): string | null {
  return (
    first(truth.fetched, ({ key }) =>
      truth.withdrawn.includes(key) ? `${key} was withdrawn, and handed over` : null,
    ) ??
    first(truth.abroad, (key) => (truth.withdrawn.includes(key) ? `${key} was withdrawn, and left` : null)) ??
    first(truth.fetched, ({ by, document, key }) =>
      truth.fetched.some((other) => other.by === by && other.document === document && other.key !== key)
        ? `${by} has ${document} twice`
        : null,
    ) ??
    first(truth.abroad, (key) => {
      const moved = rowOf(tables, key)?.route.rerouted?.some(({ from }) => from === 'gateway')
      return moved ? `${key} went a second way, and another exchange holds it` : null
    })
  )
}
