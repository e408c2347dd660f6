import { PATIENCE, retellLimit } from '../../src/delivery/reconcile.ts'
import type { DeliveryKey } from '../../src/domain/identifiers.ts'
import { wrongToTake } from './attempts.ts'
import { deliverDueLocally, deliverOutboxLocally } from './local-statements.ts'
import {
  countForgotten,
  deleteOutbox,
  findNextNotice,
  queueDue,
  queueDueOfTier,
  requeueForgotten,
  requeueThese,
  takeOutbox,
} from './outbox-statements.ts'
import { add, depth, isWaiting, nextJob, remove } from './queue.ts'
import type { Rules } from './rules.ts'
import { broken, type Job, type State, withWorker } from './state.ts'
import { type Row, rowOf } from './tables.ts'

/* What a worker does beside attempts: relay, feed, reconcile, consume, lines. */

export const TIERS = ['province', 'commune'] as const
const PLACES = 2
/** Of the deliveries to one recipient that is waited for. */
const PLACES_IN_LINE = 1

/** Takes, tells and commits, in three steps of which each may be the last. @param limit items of a batch */
export function relayStep(
  rules: Rules,
  state: State,
  worker: number,
  limit: number,
  isQueueAway: boolean,
): State {
  const { relay } = state.workers[worker]!
  if (relay === null) {
    const locked = new Set(state.workers.flatMap((one) => one.relay?.items.map(({ id }) => id) ?? []))
    const items = takeOutbox(rules, state.tables, limit, locked)
    if (items.length === 0) return state
    const least = Math.min(...items.map(({ urgency }) => urgency))
    const left = state.tables.outbox.filter(
      (item) => !item.isLocal && !locked.has(item.id) && !items.includes(item),
    )
    if (left.some(({ urgency }) => urgency > least))
      return broken(state, 'the relay passed over what is more urgent')
    return withWorker(state, worker, { relay: { items, isTold: false } })
  }
  if (relay.isTold) {
    return withWorker({ ...state, tables: deleteOutbox(state.tables, relay.items) }, worker, { relay: null })
  }
  if (isQueueAway) return withWorker(state, worker, { relay: null })
  return withWorker(add(state, relay.items), worker, { relay: { ...relay, isTold: true } })
}

export function feedStep(rules: Rules, state: State, tier: string, limit: number): State {
  const { tables, queued } = queueDueOfTier(rules, state.tables, state.now, tier, limit)
  if (queued.length === 0) return state
  const least = Math.min(...queued.map(({ urgency }) => urgency))
  const keys = new Set(queued.map(({ key }) => key))
  const passed = state.tables.deliveries.some(
    (row) =>
      row.tier === tier &&
      row.urgency > least &&
      !keys.has(row.key) &&
      row.enqueuedAt === null &&
      !isLocal(row) &&
      isFreeAndDue(row, state),
  )
  return passed ? broken(state, 'what is more urgent was not fed first') : { ...state, tables }
}

const isLocal = ({ channel, route }: Row): boolean => channel === 'mailbox' && route.quietHours === undefined

type Source = 'outbox' | 'due'

/** Puts deliveries into the inboxes that lie here, without queue and lease. */
export function localStep(rules: Rules, state: State, source: Source, limit: number): State {
  const statement = source === 'outbox' ? deliverOutboxLocally : deliverDueLocally
  const { tables, keys } = statement(rules, state.tables, state.now, { tiers: TIERS, limit })
  for (const key of keys) {
    const wrong = wrongToPut(state, rowOf(state.tables, key)!, keys, source)
    if (wrong !== null) return broken(state, wrong)
  }
  return tables === state.tables ? state : { ...state, tables }
}

/** What must hold of a delivery that is put into its inbox, whatever the conditions of the statement say. */
function wrongToPut(state: State, row: Row, together: readonly DeliveryKey[], source: Source): string | null {
  const { key, tier, urgency } = row
  const wrong = wrongToTake(state, row)
  if (wrong !== null) return wrong
  if (state.truth.holders[key] !== undefined) return `${key} was put into its inbox while a worker had it`
  const first = state.tables.deliveries.find(
    (one) =>
      one.tier === tier &&
      one.urgency > urgency &&
      isLocal(one) &&
      !together.includes(one.key) &&
      one.leaseUntil === null &&
      isFreeAndDue(one, state) &&
      waitsIn[source](state, one),
  )
  return first === undefined
    ? null
    : `${key} was put into its inbox before ${first.key}, which is more urgent`
}

/** Whether a delivery is to be found where others are taken from. */
const waitsIn: Record<Source, (state: State, row: Row) => boolean> = {
  outbox: ({ tables }, { key }) => tables.outbox.some((item) => item.isLocal && item.delivery === key),
  due: (_state, { enqueuedAt }) => enqueuedAt === null,
}

const isFreeAndDue = (row: Row, { now, tables }: State): boolean =>
  row.state === 'waiting' &&
  row.nextAttemptAt !== null &&
  row.nextAttemptAt <= now &&
  (row.leaseUntil === null || row.leaseUntil <= now) &&
  !tables.paused.includes(row.recipient)

/** The two transactions of src/delivery/reconcile.ts; the queue is asked in between. */
export function reconcileStep(rules: Rules, state: State, worker: number): State {
  const { retell } = state.workers[worker]!
  if (retell === null) {
    const { tables } = queueDue(rules, state.tables, state.now, 500)
    const found = TIERS.map((tier) => {
      const counts = countForgotten(rules, tables, state.now, PATIENCE, tier)
      return { tier, limit: counts.forgotten === 0 ? 0 : retellLimit(counts, depth(state, tier)) }
    }).filter(({ limit }) => limit > 0)
    if (found.length === 0) return tables === state.tables ? state : { ...state, tables }
    return withWorker({ ...state, tables }, worker, { retell: found })
  }
  const tables = retell.reduce(
    (at, one) => requeueForgotten(rules, at, state.now, PATIENCE, one).tables,
    state.tables,
  )
  return withWorker({ ...state, tables }, worker, { retell: null })
}

const waitsInLine = (state: State, key: DeliveryKey): string | null => {
  const row = state.tables.deliveries.find((one) => one.key === key)
  return row === undefined || row.channel === 'mailbox' ? null : `${row.channel} ${row.recipient}`
}

const underWay = (state: State, worker: number, line: string): number =>
  state.workers[worker]!.places.filter(({ key }) => waitsInLine(state, key) === line).length

/** Takes the next job, or lets it stand in its recipient's line. */
export function consumeStep(rules: Rules, state: State, worker: number, tier: string): State {
  const { places, line } = state.workers[worker]!
  const job = places.length < PLACES ? nextJob(state, tier) : undefined
  if (job === undefined) return state
  if (state.queue.some((one) => one.tier === tier && isWaiting(one) && one.urgency > job.urgency))
    return broken(state, 'a job was consumed before one that is more urgent')
  const name = waitsInLine(state, job.delivery)
  if (name !== null && underWay(state, worker, name) >= PLACES_IN_LINE) {
    const standing = line.includes(job.delivery) ? line : [...line, job.delivery]
    return withWorker(remove(state, job.id), worker, { line: standing })
  }
  const isNotice = rowOf(state.tables, job.delivery)?.channel === 'https-push'
  if (!isNotice) return occupy(state, worker, job, job.delivery)
  const key = findNextNotice(rules, state.tables, state.now, job.delivery)
  if (key === null) return remove(state, job.id)
  if (isBehind(state, key)) return broken(state, `${key} was to be told before what is more urgent`)
  return occupy(state, worker, job, key)
}

/** Whether something more urgent is to be told to the same recipient, and nobody is at it. */
const isBehind = (state: State, key: DeliveryKey): boolean => {
  const own = rowOf(state.tables, key)!
  return state.tables.deliveries.some(
    (row) =>
      row.recipient === own.recipient &&
      row.channel === 'https-push' &&
      row.urgency > own.urgency &&
      isFreeAndDue(row, state),
  )
}

/** What the job names gives way where the place goes to another. */
function occupy(state: State, worker: number, job: Job, key: DeliveryKey): State {
  const call = state.serial + 1
  const { places, line } = state.workers[worker]!
  const place = { call, job: job.id, key, taken: null, result: null, brokenOff: false }
  const queue = state.queue.map((one) => (one === job ? { ...one, by: worker } : one))
  const left = line.filter((one) => one !== job.delivery)
  const patch = { places: [...places, place], line: key === job.delivery ? left : [...left, job.delivery] }
  return withWorker({ ...state, serial: call, queue }, worker, patch)
}

/** The first in a line whose turn has come goes back through the queue. */
export function turnStep(rules: Rules, state: State, worker: number): State {
  const { line } = state.workers[worker]!
  const key = line.find((one) => {
    const name = waitsInLine(state, one)
    return name === null || underWay(state, worker, name) < PLACES_IN_LINE
  })
  if (key === undefined) return state
  const { tables } = requeueThese(rules, state.tables, state.now, [key])
  return withWorker({ ...state, tables }, worker, { line: line.filter((one) => one !== key) })
}
