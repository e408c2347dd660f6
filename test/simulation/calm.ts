import { PATIENCE } from '../../src/delivery/reconcile.ts'
import { deadAnswer, wellAnswer } from './answers.ts'
import { sendStep, settleStep, takeStep } from './attempts.ts'
import { breachOf } from './invariants.ts'
import { consumeStep, feedStep, localStep, reconcileStep, relayStep, TIERS, turnStep } from './loops.ts'
import { accept, confirm, fetch, RECIPIENTS, resume } from './people.ts'
import { stallOf } from './queue.ts'
import { patienceWith, type Rules } from './rules.ts'
import type { Health } from './scenario.ts'
import { broken, NEW_WORKER, type Place, type State, withWorker } from './state.ts'
import { later, type Row } from './tables.ts'

/** Rounds in which everybody does what there is to do; more than this, and something goes in circles. */
const MOST_ROUNDS = 600
/**
 * Virtual seconds until everything has come to rest: two channels, one after the other, on which ten attempts each fail
 * (75 hours, stretched by a fifth), and the nights between.
 */
const LONGEST = 9 * 86_400
/** Virtual seconds after a delivery to a system that is well has become due: a lease, and the longest patience. */
const LONGEST_WELL = 700

const healthOf = ({ scenario }: State, { recipient }: Row): Health =>
  scenario.recipients[RECIPIENTS.indexOf(recipient)]!.health

/** The faults have ended: workers run, nobody is paused, and systems are as the scenario says. */
function mend(rules: Rules, state: State): State {
  let at = state
  for (let left = at.scenario.documents.length; left > 0; left -= 1) at = accept(rules, at)
  for (const recipient of at.tables.paused) at = resume(at, recipient)
  return at
}

/** Lets everybody do what there is to do until all is at rest. Says what does not come to rest. */
export function comeToRest(rules: Rules, before: State): State {
  let state = mend(rules, before)
  const began = state.now
  const since = new Map<string, number>()
  for (let rounds = 0; rounds < MOST_ROUNDS; rounds += 1) {
    const after = round(rules, state)
    if (after.breach !== null) return after
    if (isAtRest(after)) return after
    const late = after.tables.deliveries.find((row) => isLate(after, row, began, since))
    if (late !== undefined)
      return broken(after, `${late.key} is due, its recipient is well, and it does not arrive`)
    if (after !== state) {
      state = after
      continue
    }
    const next = nextInstant(state)
    if (next === null) return broken(state, `waits for ever: ${waiting(state)}`)
    if (next.getTime() - began.getTime() > LONGEST * 1_000) break
    state = { ...state, now: next }
  }
  return broken(state, `does not come to rest: ${waiting(state)}`)
}

const isOpen = (state: State, row: Row): boolean =>
  row.state === 'waiting' ||
  ((row.state === 'available' || (row.state === 'handed-over' && row.channel !== 'gateway')) &&
    healthOf(state, row) === 'well')

const isAtRest = (state: State): boolean =>
  !state.tables.deliveries.some((row) => isOpen(state, row)) &&
  state.tables.outbox.length === 0 &&
  !state.tables.attempts.some((attempt) => attempt.state === 'started') &&
  state.workers.every(({ places }) => places.length === 0)

const waiting = (state: State): string =>
  state.tables.deliveries
    .filter((row) => isOpen(state, row))
    .map(({ key, state: is }) => `${key} ${is}`)
    .join(', ')

/** Whether a delivery whose way is free waits for longer than it may; nights are allowed. */
function isLate(state: State, row: Row, began: Date, since: Map<string, number>): boolean {
  if (!isOpen(state, row) || healthOf(state, row) !== 'well' || row.route.quietHours !== undefined)
    return false
  if (state.scenario.recipients.some(({ health }) => health === 'deadly')) return false
  const due = Math.max(since.get(row.key) ?? began.getTime(), row.nextAttemptAt?.getTime() ?? 0)
  since.set(row.key, due)
  return state.now.getTime() - due > LONGEST_WELL * 1_000
}

type Act = (state: State) => State

function round(rules: Rules, before: State): State {
  let state = before
  const act = (next: Act): void => {
    if (state.breach !== null) return
    const after = next(state)
    const breach = breachOf(state, after)
    state = breach === null ? after : broken(after, breach)
  }
  for (const index of state.workers.keys()) {
    if (!state.workers[index]!.isAlive) act((at) => stallOf(withWorker(at, index, NEW_WORKER), index))
    act((at) => reconcileStep(rules, at, index))
    for (const tier of TIERS) act((at) => feedStep(rules, at, tier, 500))
    for (const source of ['outbox', 'due'] as const) act((at) => localStep(rules, at, source, 100))
    act((at) => turnStep(rules, at, index))
    for (let step = 0; step < 3; step += 1) act((at) => relayStep(rules, at, index, 500, false))
    for (const tier of TIERS) act((at) => consumeStep(rules, at, index, tier))
    for (const { call } of state.workers[index]!.places) goThrough(rules, act, () => state, index, call)
  }
  for (const { key } of state.tables.deliveries) act((at) => takeIn(rules, at, key))
  return state
}

/** An attempt from where it stands to its end. */
function goThrough(
  rules: Rules,
  act: (next: Act) => void,
  now: () => State,
  index: number,
  call: number,
): void {
  const place = (): Place | undefined => now().workers[index]!.places.find((one) => one.call === call)
  for (const step of ['take', 'send', 'settle'] as const) {
    act((state) => {
      const at = place()
      if (at === undefined) return state
      if (step === 'take') return at.taken === null ? takeStep(rules, state, index, at, false) : state
      if (step === 'settle') return settleStep(rules, state, index, at, 0.5)
      return at.taken === null || at.result !== null ? state : sendBy(state, index, at, at.taken)
    })
  }
}

function sendBy(state: State, index: number, place: Place, taken: Row): State {
  const health = healthOf(state, taken)
  if (health === 'deadly') return withWorker(state, index, { ...NEW_WORKER, isAlive: false })
  return sendStep(state, index, place, (health === 'well' ? wellAnswer : deadAnswer)(taken.channel))
}

/** A system that is well fetches what lies in its inbox, and says so. */
function takeIn(rules: Rules, state: State, key: Row['key']): State {
  const row = state.tables.deliveries.find((one) => one.key === key)!
  if (healthOf(state, row) !== 'well') return state
  if (row.state === 'available') return fetch(rules, state, key)
  return row.state === 'handed-over' && row.channel !== 'gateway' ? confirm(rules, state, key) : state
}

/** When something becomes due by itself; null where nothing ever does. */
function nextInstant({ tables, now }: State): Date | null {
  const instants = tables.deliveries
    .filter(({ state }) => state === 'waiting')
    .flatMap((row) => [row.nextAttemptAt, row.leaseUntil, forgottenAt(row, now)])
    .filter((instant) => instant !== null)
    .map((instant) => instant.getTime())
    .filter((instant) => instant > now.getTime())
  return instants.length === 0 ? null : new Date(Math.min(...instants))
}

/** When a delivery of which the queue was told seems forgotten: patience grows while it is waited for. */
function forgottenAt(row: Row, now: Date): Date | null {
  if (row.enqueuedAt === null) return null
  let at = later(row.enqueuedAt, patienceWith(row, now, PATIENCE))
  for (let turn = 0; turn < 12; turn += 1) at = later(row.enqueuedAt, patienceWith(row, at, PATIENCE))
  return later(at, 0.001)
}
