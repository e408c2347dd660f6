import type { SendResult } from '../../src/delivery/channels/channel.ts'
import type { AgencyCode, DeliveryKey, DocumentKey } from '../../src/domain/identifiers.ts'
import type { OutboxItem } from '../../src/domain/outbox-item.ts'
import type { Scenario } from './scenario.ts'
import { NO_ROWS, type OutboxRow, type Row, type Tables } from './tables.ts'

/** One job of the queue, which may be lost, given twice, held back or given out of turn. */
export interface Job extends OutboxItem {
  /** `d-<delivery>-<epoch>` as the queue knows it; one more of the same name is swallowed. */
  readonly id: string
  readonly serial: number
  /** The worker that has it. */
  readonly by: number | null
  /** The queue holds it and never gives it out. */
  readonly isHidden: boolean
}

/** What one place of a worker is at. */
export interface Place {
  /** Names this attempt, whatever epoch it was made under. */
  readonly call: number
  readonly job: string
  readonly key: DeliveryKey
  /** As it was when the lease was taken; null before. */
  readonly taken: Row | null
  /** What the channel answered; null before. */
  readonly result: SendResult | null
  /** It has learnt that its lease is lost, or is stopping. */
  readonly brokenOff: boolean
}

export interface Worker {
  readonly isAlive: boolean
  readonly places: readonly Place[]
  /** An open transaction of the relay. */
  readonly relay: { readonly items: readonly OutboxRow[]; readonly isTold: boolean } | null
  /** What the reconciler found, and how many it may tell again by what the queue answered. */
  readonly retell: readonly { readonly tier: string; readonly limit: number }[] | null
  /** Deliveries that stand in line, in memory only. */
  readonly line: readonly DeliveryKey[]
}

/** What really happened, kept beside the gateway's own tables and never seen by it. */
export interface Truth {
  /** The attempt that took a delivery last and has neither settled nor been left behind. */
  readonly holders: Readonly<Record<string, number>>
  /** Withdrawn, and the sender was told that the recipient never got it. */
  readonly withdrawn: readonly DeliveryKey[]
  /** What another exchange holds. */
  readonly abroad: readonly DeliveryKey[]
  /** What recipients' systems have fetched. */
  readonly fetched: readonly {
    readonly by: AgencyCode
    readonly document: DocumentKey
    readonly key: DeliveryKey
  }[]
}

export interface State {
  readonly scenario: Scenario
  readonly now: Date
  readonly tables: Tables
  readonly queue: readonly Job[]
  readonly workers: readonly Worker[]
  readonly accepted: number
  readonly serial: number
  readonly truth: Truth
  /** A step that broke what must hold; the first ends the run. */
  readonly breach: string | null
}

export const NEW_WORKER: Worker = { isAlive: true, places: [], relay: null, retell: null, line: [] }

/** A Friday noon in Vietnam: quiet hours, a night and a weekend lie ahead. */
const BEGIN = new Date('2026-11-20T05:00:00Z')

export const begin = (scenario: Scenario): State => ({
  scenario,
  now: BEGIN,
  tables: NO_ROWS,
  queue: [],
  workers: Array.from({ length: scenario.workers }, () => NEW_WORKER),
  accepted: 0,
  serial: 0,
  truth: { holders: {}, withdrawn: [], abroad: [], fetched: [] },
  breach: null,
})

export const withWorker = (state: State, index: number, patch: Partial<Worker>): State => ({
  ...state,
  workers: state.workers.map((worker, at) => (at === index ? { ...worker, ...patch } : worker)),
})

export const broken = (state: State, breach: string): State =>
  state.breach === null ? { ...state, breach } : state

/** Nobody holds it any more. */
export function letGo(truth: Truth, key: DeliveryKey): Truth {
  if (truth.holders[key] === undefined) return truth
  const { [key]: _gone, ...holders } = truth.holders
  return { ...truth, holders }
}
