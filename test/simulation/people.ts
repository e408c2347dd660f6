import { type AffectedDelivery, planEffects } from '../../src/domain/effects.ts'
import { agencyCode, type DeliveryKey, deliveryKey, documentKey } from '../../src/domain/identifiers.ts'
import type { DeliveryExplanation } from '../../src/domain/routing-rule.ts'
import { hasten } from './local-statements.ts'
import { acknowledge, handOver, redirect, restart, withdraw } from './recipient-statements.ts'
import type { Rules } from './rules.ts'
import type { Document } from './scenario.ts'
import { broken, letGo, type State } from './state.ts'
import { type Row, rowOf, type Tables } from './tables.ts'

export const RECIPIENTS = ['H90', 'H90.31', 'H91'].map(agencyCode)
/** Takes over from a recipient that closes. */
const SUCCESSOR = RECIPIENTS[0]!

/** One of a list by a number; undefined where it is empty. */
export const chosen = <T>(list: readonly T[], by: number): T | undefined => list[by % (list.length || 1)]

const uuid = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`

/** The next document is accepted, in one transaction with its deliveries and what the outbox is told. */
export function accept(rules: Rules, state: State): State {
  const { scenario, accepted, tables, now } = state
  const document = scenario.documents[accepted]
  if (document === undefined) return state
  const rows = document.to.map((index) => newRow(state, document, index))
  const told = document.isCircular ? [] : rows
  const outbox = told.map((row, index) => ({
    id: tables.lastOutboxId + 1 + index,
    delivery: row.key,
    epoch: 0,
    tier: row.tier,
    urgency: row.urgency,
    isLocal: rules.isLocal(row),
  }))
  const added: Tables = {
    ...tables,
    deliveries: [
      ...tables.deliveries,
      ...rows.map((row) => ({ ...row, enqueuedAt: document.isCircular ? null : now })),
    ],
    outbox: [...tables.outbox, ...outbox],
    lastOutboxId: tables.lastOutboxId + outbox.length,
  }
  return { ...state, accepted: accepted + 1, tables: added }
}

function newRow({ scenario, accepted, now }: State, { urgency }: Document, index: number): Row {
  const { tier, channel, fallback, quietHours } = scenario.recipients[index]!
  const route: Partial<DeliveryExplanation> = {
    ...(fallback.length > 0 && { fallback }),
    ...(quietHours !== null && { quietHours }),
  }
  return {
    key: deliveryKey(uuid(accepted * 10 + index)),
    document: documentKey(uuid(accepted * 10)),
    recipient: RECIPIENTS[index]!,
    tier,
    urgency,
    channel,
    route,
    state: 'waiting',
    stateSince: now,
    leaseEpoch: 0,
    leaseUntil: null,
    attempts: 0,
    nextAttemptAt: now,
    inboxNumber: null,
    handedOverAt: null,
    acknowledgedAt: null,
    processingStatus: null,
    requestState: null,
    mayHaveLeft: false,
    remoteId: null,
    reason: null,
    enqueuedAt: null,
    abandonments: 0,
  }
}

const isListed = ({ inboxNumber, state }: Row): boolean =>
  inboxNumber !== null && (state === 'waiting' || state === 'available' || state === 'failed')

/** A recipient's system fetches what it may have listed long ago. */
export function fetch(rules: Rules, state: State, key: DeliveryKey): State {
  const row = rowOf(state.tables, key)
  if (row === undefined) return state
  const tables = handOver(rules, state.tables, state.now, row.recipient, key)
  if (tables === null) return state
  const before = state.truth
  const copy = { by: row.recipient, document: row.document, key }
  const isNew = !before.fetched.some((one) => one.key === key && one.by === copy.by)
  if (!isNew && tables === state.tables) return state
  const truth = isNew ? { ...before, fetched: [...before.fetched, copy] } : before
  return { ...state, tables, truth: letGo(truth, key) }
}

export function confirm(rules: Rules, state: State, key: DeliveryKey): State {
  const tables = acknowledge(rules, state.tables, state.now, key)
  return tables === null ? state : { ...state, tables }
}

/** Withdraws deliveries; of those that nobody can hold the sender is told so. */
function take(rules: Rules, state: State, keys: readonly DeliveryKey[], reason: unknown): State {
  let at = state
  for (const key of keys) {
    const mayHaveLeft = rowOf(at.tables, key)?.mayHaveLeft
    const tables = withdraw(rules, at.tables, at.now, key, reason)
    if (tables === null) return broken(at, `${key} was to be withdrawn and could not be`)
    const withdrawn = mayHaveLeft === true ? at.truth.withdrawn : [...at.truth.withdrawn, key]
    at = { ...at, tables, truth: letGo({ ...at.truth, withdrawn }, key) }
  }
  return at
}

/** The sender recalls a document: what that does is decided by the same rule as in the accept transaction. */
export function recall(rules: Rules, state: State, row: Row): State {
  const affected = state.tables.deliveries
    .filter(({ document }) => document === row.document)
    .map((one): AffectedDelivery => ({ ...one, names: { spoken: [], left: [] } }))
  const way = { to: RECIPIENTS, removed: [], reach: (agency: Row['recipient']) => agency }
  const { withdraw: certain, stop } = planEffects('recall', way, affected)
  const keys = [...certain, ...stop].map(({ key }) => key)
  return take(rules, state, keys, { code: 'recalled' })
}

export function cancel(rules: Rules, state: State, { key, state: is }: Row): State {
  return rules.mayMove(is, 'withdrawn') ? take(rules, state, [key], { code: 'cancelled' }) : state
}

export function retry(rules: Rules, state: State, { key }: Row): State {
  const tables = restart(rules, state.tables, state.now, key)
  return tables === null ? state : { ...state, tables }
}

export function pause(state: State, { recipient }: Row): State {
  const { paused } = state.tables
  return paused.includes(recipient)
    ? resume(state, recipient)
    : { ...state, tables: { ...state.tables, paused: [...paused, recipient] } }
}

export const resume = (state: State, recipient: Row['recipient']): State => ({
  ...state,
  tables: { ...state.tables, paused: state.tables.paused.filter((one) => one !== recipient) },
})

/**
 * The recipient has closed: what it does not hold goes to its successor's mailbox, or is joined with what the successor
 * gets anyway. What may have left stays.
 */
export function takeOver(rules: Rules, state: State, row: Row): State {
  const { key, recipient: from, mayHaveLeft, tier, document } = row
  if (from === SUCCESSOR || mayHaveLeft) return state
  const hasOne = state.tables.deliveries.some(
    (one) => one.document === document && one.recipient === SUCCESSOR && one.state !== 'withdrawn',
  )
  if (hasOne) return cancel(rules, state, row)
  const move = { from, to: SUCCESSOR, tier, channel: 'mailbox', route: {} } as const
  const tables = redirect(state.tables, state.now, key, move)
  return tables === null ? state : { ...state, tables, truth: letGo(state.truth, key) }
}

/** An endpoint answers again. */
export function comeBack(state: State, { recipient }: Row): State {
  const tables = hasten(state.tables, state.now, recipient)
  return tables === state.tables ? state : { ...state, tables }
}

export const listed = ({ tables }: State): Row[] => tables.deliveries.filter(isListed)
