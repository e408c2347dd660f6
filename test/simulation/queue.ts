import type { OutboxItem } from '../../src/domain/outbox-item.ts'
import { URGENCIES } from '../../src/domain/urgency.ts'
import { chosen } from './people.ts'
import type { Job, State } from './state.ts'

/* BullMQ as far as it may be relied upon, and everything that it may do instead. */

/** One more of a name that the queue has is swallowed. */
export function add(state: State, items: readonly OutboxItem[]): State {
  let { serial } = state
  const queue = [...state.queue]
  for (const item of items) {
    const id = `d-${item.delivery}-${item.epoch}`
    if (queue.some((job) => job.id === id)) continue
    serial += 1
    const { delivery, epoch, tier, urgency } = item
    queue.push({ delivery, epoch, tier, urgency, id, serial, by: null, isHidden: false })
  }
  return { ...state, queue, serial }
}

export const isWaiting = ({ by, isHidden }: Job): boolean => by === null && !isHidden

/** The next job of a tier, by its priority. */
export const nextJob = ({ queue }: State, tier: string): Job | undefined =>
  queue
    .filter((job) => job.tier === tier && isWaiting(job))
    .sort(
      (a, b) =>
        URGENCIES[a.urgency].queuePriority - URGENCIES[b.urgency].queuePriority || a.serial - b.serial,
    )[0]

export const depth = ({ queue }: State, tier: string): number =>
  queue.filter((job) => job.tier === tier).length

export const remove = (state: State, id: string): State => ({
  ...state,
  queue: state.queue.filter((job) => job.id !== id),
})

const change = (state: State, wanted: Job | undefined, patch: Partial<Job>): State =>
  wanted === undefined
    ? state
    : { ...state, queue: state.queue.map((job) => (job === wanted ? { ...job, ...patch } : job)) }

/** Everything is gone, as after FLUSHALL or without its AOF. */
export const wipe = (state: State): State => (state.queue.length === 0 ? state : { ...state, queue: [] })

export function lose(state: State, by: number): State {
  const job = chosen(state.queue, by)
  return job === undefined ? state : remove(state, job.id)
}

/** The same work once more, under another name. */
export function double(state: State, by: number): State {
  const job = chosen(state.queue, by)
  if (job === undefined || state.queue.length > 20) return state
  const serial = state.serial + 1
  const copy = { ...job, id: `${job.id}-${serial}`, serial, by: null, isHidden: false }
  return { ...state, serial, queue: [...state.queue, copy] }
}

/** It stays in the queue for ever, and nobody is given it. */
export const hide = (state: State, by: number): State =>
  change(state, chosen(state.queue.filter(isWaiting), by), { isHidden: true })

/** A job whose worker seems dead is given to another, whether that one is dead or not. */
export const stall = (state: State, by: number): State =>
  change(
    state,
    chosen(
      state.queue.filter((job) => job.by !== null),
      by,
    ),
    { by: null },
  )

/** The jobs of a dead worker are given to others. */
export const stallOf = (state: State, worker: number): State => ({
  ...state,
  queue: state.queue.map((job) => (job.by === worker ? { ...job, by: null } : job)),
})
