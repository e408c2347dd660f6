import { onward } from '../../src/delivery/reroute.ts'
import { deadly } from '../../src/delivery/verdict.ts'
import { isConnectorChannel } from '../../src/domain/axis/connector.ts'
import type { Answer } from './answers.ts'
import {
  closeAttempt,
  closeOpen,
  holdLease,
  numberInInbox,
  openAttempt,
  othersInHandUntil,
  renewLease,
  rerouteLease,
  settleLease,
  takeLease,
} from './lease-statements.ts'
import { RULES, type Rules } from './rules.ts'
import { broken, letGo, type Place, type State, withWorker } from './state.ts'
import { patched, type Row, rowOf, type Tables } from './tables.ts'

const LEASE_SECONDS = 6

const putPlace = (state: State, worker: number, place: Place): State => {
  const places = state.workers[worker]!.places.map((one) => (one.call === place.call ? place : one))
  return withWorker(state, worker, { places })
}

/** The place is free, and the job done with, whatever came of it, unless the queue has given it to another. */
function leavePlace(state: State, worker: number, { call, job }: Place): State {
  const places = state.workers[worker]!.places.filter((one) => one.call !== call)
  const queue = state.queue.filter(({ id, by }) => id !== job || by !== worker)
  return withWorker({ ...state, queue }, worker, { places })
}

const holdBy = (state: State, { key, call }: Place): State => ({
  ...state,
  truth: { ...state.truth, holders: { ...state.truth.holders, [key]: call } },
})

/** The transaction of src/delivery/take.ts. */
export function takeStep(
  rules: Rules,
  state: State,
  worker: number,
  place: Place,
  isAnswerLost: boolean,
): State {
  const before = rowOf(state.tables, place.key)
  const found = takeLease(rules, state.tables, state.now, place.key, LEASE_SECONDS)
  if (found === null || before === undefined) return leavePlace(state, worker, place)
  const seen = wrongToTake(state, before)
  if (seen !== null) return broken(state, seen)
  const { taken } = found
  if (taken.abandonments >= rules.mostAbandonments)
    return giveUp(rules, { ...state, tables: found.tables }, worker, place, taken)
  const quiet = rules.endOfQuiet(taken.route.quietHours ?? null, taken.urgency, state.now)
  const until = quiet ?? asideUntil(rules, { ...state, tables: found.tables }, taken)
  if (until !== null) {
    const held = holdLease(
      rules,
      closeOpen(found.tables, taken.key, 'abandoned'),
      taken.key,
      taken.leaseEpoch,
      until,
    )
    const after = { ...state, tables: held, truth: letGo(state.truth, taken.key) }
    return leavePlace(after, worker, place)
  }
  if (asideUntil(RULES, { ...state, tables: found.tables }, taken) !== null)
    return broken(state, `${place.key} was tried beside another over which workers died`)
  const opened = openAttempt(found.tables, taken)
  const ready = isConnectorChannel(taken.channel)
    ? marked(rules, opened, taken)
    : numberInInbox(rules, opened, taken)
  const after = holdBy({ ...state, tables: ready }, place)
  // Where the answer to the commit is lost the worker gives the job up, and the lease runs out.
  return isAnswerLost ? leavePlace(after, worker, place) : putPlace(after, worker, { ...place, taken })
}

/** As in src/delivery/suspects.ts. */
const asideUntil = (
  rules: Rules,
  { tables, now }: State,
  { key, abandonments, channel }: Row,
): Date | null =>
  abandonments < rules.suspectFrom || isConnectorChannel(channel)
    ? null
    : othersInHandUntil(rules, tables, now, key)

const marked = (rules: Rules, tables: Tables, { key }: Row): Tables =>
  rules.marksWhatMayHaveLeft ? patched(tables, key, { mayHaveLeft: true }) : tables

function giveUp(rules: Rules, state: State, worker: number, place: Place, taken: Row): State {
  const { settlement } = deadly(taken.abandonments)
  const closed = closeOpen(state.tables, taken.key, 'abandoned')
  const tables = settleLease(rules, closed, state.now, taken.key, taken.leaseEpoch, settlement) ?? closed
  return leavePlace({ ...state, tables, truth: letGo(state.truth, taken.key) }, worker, place)
}

/** What must hold of a delivery that is taken, whatever the conditions of the statement say. */
export function wrongToTake({ now, tables, truth }: State, before: Row): string | null {
  const { key, leaseUntil, state, nextAttemptAt, recipient } = before
  if (state !== 'waiting') return `${key} was taken when it was ${state}`
  if (truth.withdrawn.includes(key)) return `${key} was taken after it was withdrawn`
  if (leaseUntil !== null && leaseUntil > now) return `${key} was taken while another worker had it`
  if (nextAttemptAt === null || nextAttemptAt > now) return `${key} was taken before its time`
  return tables.paused.includes(recipient) ? `${key} was taken for a recipient that is paused` : null
}

/** The channel has been asked, and has answered or fallen silent. */
export function sendStep(state: State, worker: number, place: Place, { result, isTaken }: Answer): State {
  const { key, taken } = place
  const { truth } = state
  const abroad = isTaken && !truth.abroad.includes(key) ? [...truth.abroad, key] : truth.abroad
  if (taken !== null && isConnectorChannel(taken.channel) && !rowMayHaveLeft(state, key))
    return broken(state, `${key} left for another exchange, and nothing is on record of that`)
  return putPlace({ ...state, truth: { ...truth, abroad } }, worker, { ...place, result })
}

/** A delivery that was handed over by other ways since then is beyond that question. */
const rowMayHaveLeft = ({ tables }: State, key: Row['key']): boolean => {
  const row = rowOf(tables, key)
  return row === undefined || row.mayHaveLeft || row.state === 'handed-over' || row.state === 'acknowledged'
}

/** The transaction of src/delivery/settle.ts. */
export function settleStep(rules: Rules, state: State, worker: number, place: Place, random: number): State {
  const { key, call, taken, result, brokenOff } = place
  if (taken === null || result === null) return state
  const { leaseEpoch } = taken
  const at = { now: state.now, random }
  const verdict = rules.verdictOn(taken, { results: result, brokenOff }, at)
  const next = verdict.gaveUp && onward(taken, verdict.gaveUp, state.now)
  const written = next
    ? rerouteLease(rules, state.tables, state.now, key, leaseEpoch, { ...next, reason: verdict.gaveUp })
    : settleLease(
        rules,
        state.tables,
        state.now,
        key,
        leaseEpoch,
        quietened(rules, state, taken, verdict.settlement),
      )
  const outcome = written === null ? 'superseded' : verdict.attempt
  const tables = closeAttempt(written ?? state.tables, key, leaseEpoch, outcome)
  const after = leavePlace({ ...state, tables }, worker, place)
  if (written === null) return after
  if (state.truth.holders[key] !== call)
    return broken(after, `${key} was settled by a worker that had lost it`)
  if (next && isConnectorChannel(taken.channel) && state.truth.abroad.includes(key))
    return broken(after, `${key} goes a second way, and another exchange holds it`)
  return { ...after, truth: letGo(state.truth, key) }
}

/** As in src/delivery/quiet.ts. */
function quietened(
  rules: Rules,
  { now }: State,
  { route, urgency }: Row,
  settlement: SettlementOf,
): SettlementOf {
  if (route.quietHours === undefined || settlement.retryAfter === null) return settlement
  const at = new Date(now.getTime() + settlement.retryAfter * 1_000)
  const until = rules.endOfQuiet(route.quietHours, urgency, at)
  return until === null
    ? settlement
    : { ...settlement, retryAfter: (until.getTime() - now.getTime()) / 1_000 }
}
type SettlementOf = Parameters<typeof settleLease>[5]

/** The worker's sign of life; it breaks off where its lease is lost. */
export function renewStep(rules: Rules, state: State, worker: number, place: Place): State {
  const { key, taken } = place
  if (taken === null) return state
  const tables = renewLease(rules, state.tables, state.now, key, taken.leaseEpoch, LEASE_SECONDS)
  if (tables === null) return place.brokenOff ? state : putPlace(state, worker, { ...place, brokenOff: true })
  if (state.truth.holders[key] !== place.call)
    return broken({ ...state, tables }, `${key} was kept by a worker that had lost it`)
  return { ...state, tables }
}

/** The worker is asked to end, and breaks off what it sends. */
export const breakOff = (state: State, worker: number, place: Place): State =>
  place.brokenOff ? state : putPlace(state, worker, { ...place, brokenOff: true })
