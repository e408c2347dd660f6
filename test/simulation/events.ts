import { answer } from './answers.ts'
import { breakOff, renewStep, sendStep, settleStep, takeStep } from './attempts.ts'
import { renewLease } from './lease-statements.ts'
import { consumeStep, feedStep, localStep, reconcileStep, relayStep, TIERS, turnStep } from './loops.ts'
import {
  accept,
  cancel,
  chosen,
  comeBack,
  confirm,
  fetch,
  listed,
  pause,
  recall,
  retry,
  takeOver,
} from './people.ts'
import { double, hide, lose, stall, stallOf, wipe } from './queue.ts'
import type { Rules } from './rules.ts'
import { broken, NEW_WORKER, type Place, type State, type Worker, withWorker } from './state.ts'
import { later, type Row } from './tables.ts'

/** Something happens; `by` decides to whom, and how. The same state is returned where it cannot. */
export type Event = (rules: Rules, state: State, by: number) => State

/** What a living worker does. */
const byWorker =
  (act: (rules: Rules, state: State, index: number, by: number, worker: Worker) => State): Event =>
  (rules, state, by) => {
    const index = by % state.workers.length
    const worker = state.workers[index]!
    return worker.isAlive ? act(rules, state, index, Math.floor(by / state.workers.length), worker) : state
  }

const atPlace = (
  act: (rules: Rules, state: State, index: number, place: Place, by: number) => State,
): Event =>
  byWorker((rules, state, index, by, { places }) => {
    const place = chosen(places, by)
    return place === undefined ? state : act(rules, state, index, place, Math.floor(by / places.length))
  })

const toDelivery =
  (
    act: (rules: Rules, state: State, row: Row) => State,
    among = (state: State) => state.tables.deliveries,
  ): Event =>
  (rules, state, by) => {
    const row = chosen(among(state), by)
    return row === undefined ? state : act(rules, state, row)
  }

/** What would end most lives early, where it came as often as it can. */
const seldom =
  (event: Event): Event =>
  (rules, state, by) =>
    by % 4 === 0 ? event(rules, state, Math.floor(by / 4)) : state

const toQueue =
  (act: (state: State, by: number) => State): Event =>
  (_rules, state, by) =>
    act(state, by)

const LIMITS = [1, 2, 500]
/** Seconds. */
const TICKS = [0.05, 1, 3, 7, 20, 120, 700, 7_200, 90_000]

/** The next step of an attempt: take, send, settle. One in eight loses the answer to its commit. */
const goOn = atPlace((rules, state, index, place, by) => {
  if (place.taken === null) return takeStep(rules, state, index, place, by % 8 === 7)
  if (place.result === null) return sendStep(state, index, place, answer(place.taken.channel, by))
  return settleStep(rules, state, index, place, (by % 10) / 10)
})

/** A sign of life that was under way when its worker settled: it may come at any time, and must find nothing. */
const renewLate: Event = (rules, state, by) => {
  const closed = state.tables.attempts.filter(({ state: is }) => is !== 'started')
  const attempt = chosen(closed, by)
  if (attempt === undefined) return state
  const { delivery, epoch } = attempt
  const kept = renewLease(rules, state.tables, state.now, delivery, epoch, 6)
  return kept === null ? state : broken(state, `${delivery} was kept by a worker that had settled it`)
}

const crash = byWorker((_rules, state, index) => withWorker(state, index, { ...NEW_WORKER, isAlive: false }))

const startAgain: Event = (_rules, state, by) => {
  const index = by % state.workers.length
  return state.workers[index]!.isAlive ? state : stallOf(withWorker(state, index, NEW_WORKER), index)
}

/** Every kind of event, and how often it comes in a hundred or so. */
export const EVENTS: Readonly<Record<string, readonly [weight: number, Event]>> = {
  accept: [4, (rules, state) => accept(rules, state)],
  relay: [
    14,
    byWorker((rules, state, index, by) => relayStep(rules, state, index, chosen(LIMITS, by)!, by % 7 === 6)),
  ],
  local: [
    8,
    (rules, state, by) => localStep(rules, state, by % 2 === 0 ? 'outbox' : 'due', chosen(LIMITS, by >> 1)!),
  ],
  feed: [4, (rules, state, by) => feedStep(rules, state, chosen(TIERS, by)!, chosen(LIMITS, by >> 1)!)],
  reconcile: [5, byWorker((rules, state, index) => reconcileStep(rules, state, index))],
  consume: [20, byWorker((rules, state, index, by) => consumeStep(rules, state, index, chosen(TIERS, by)!))],
  'go on': [40, goOn],
  turn: [3, byWorker((rules, state, index) => turnStep(rules, state, index))],
  renew: [4, atPlace((rules, state, index, place) => renewStep(rules, state, index, place))],
  'renew late': [2, renewLate],
  'break off': [1, atPlace((_rules, state, index, place) => breakOff(state, index, place))],
  crash: [3, crash],
  'start again': [3, startAgain],
  fetch: [4, toDelivery((rules, state, { key }) => fetch(rules, state, key), listed)],
  'fetch late': [2, toDelivery((rules, state, { key }) => fetch(rules, state, key))],
  confirm: [3, toDelivery((rules, state, { key }) => confirm(rules, state, key))],
  recall: [1, seldom(toDelivery(recall))],
  cancel: [1, seldom(toDelivery(cancel))],
  retry: [1, toDelivery(retry)],
  pause: [1, toDelivery((_rules, state, row) => pause(state, row))],
  'come back': [1, toDelivery((_rules, state, row) => comeBack(state, row))],
  'take over': [1, seldom(toDelivery(takeOver))],
  wipe: [1, toQueue(wipe)],
  lose: [1, toQueue(lose)],
  double: [3, toQueue(double)],
  hide: [1, toQueue(hide)],
  stall: [2, toQueue(stall)],
  tick: [12, (_rules, state, by) => ({ ...state, now: later(state.now, chosen(TICKS, by)!) })],
}

const DRAWN: readonly string[] = Object.entries(EVENTS).flatMap(([name, [weight]]) =>
  Array.from({ length: weight }, () => name),
)

/** Through the whole table, in leaps: whatever cannot happen makes place for something else. */
const LEAP = 37
const MOST_LEAPS = 8

/** The reducer: what a state becomes by one step, and by which event. Time passes by `tick` alone. */
export function reduce(
  rules: Rules,
  state: State,
  step: number,
): { readonly after: State; readonly event: string } {
  const by = Math.floor(step / DRAWN.length)
  for (let leaps = 0; leaps < MOST_LEAPS; leaps += 1) {
    const name = DRAWN[(step + leaps * LEAP) % DRAWN.length]!
    const after = EVENTS[name]![1](rules, state, by)
    if (after !== state) return { after, event: name }
  }
  return { after: state, event: 'nothing' }
}
