import type { AxisFailure } from '../axis/client-types.ts'
import type { AxisMessageType } from '../domain/axis/arrival.ts'
import { Outage } from './outage.ts'
import { problemOfFailure } from './problems.ts'

export type Tell = (facts: Readonly<Record<string, unknown>>, message: string) => void

export interface Told {
  readonly warn: Tell
  readonly info: Tell
}

/** The parts of a round that fail by themselves. */
export type PollPart = 'lists' | 'round'

const FAILS: Record<PollPart, string> = {
  lists: 'the lists of another exchange cannot be read; they are asked for again at every poll',
  round: 'rounds with another exchange fail; they go on',
}
const IS_WELL: Record<PollPart, string> = {
  lists: 'the lists of another exchange can be read again',
  round: 'rounds with another exchange go well again',
}

/**
 * How polling one exchange goes, as one process sees it: counts every failure, and tells when they begin, once an hour
 * while they last, and when they have ended.
 */
export class PollWatch {
  readonly connector: string
  readonly #told: Told
  readonly #now: () => number
  readonly #outages: Record<PollPart, Outage> = { lists: new Outage(), round: new Outage() }
  readonly #counts = new Map<string, number>()
  readonly #listFaults = new Map<AxisMessageType, string>()

  /** @param now milliseconds of the monotonic clock */
  constructor(connector: string, told: Told, now: () => number = () => performance.now()) {
    this.connector = connector
    this.#told = told
    this.#now = now
  }

  /** Failures since the process began, by their kind: how an operation failed, or `internal-error`. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  listsFailed(failure: AxisFailure): void {
    this.#failed('lists', failure.kind, { failure: problemOfFailure(failure) })
  }

  listsRead(): void {
    this.#well('lists')
  }

  roundFailed(error: Error): void {
    this.#failed('round', 'internal-error', { err: error })
  }

  roundDone(): void {
    this.#well('round')
  }

  /** Another process has these rounds now: what it sees ends no outage of ours. */
  stepAside(): void {
    for (const outage of Object.values(this.#outages)) outage.forget()
  }

  /** What a list holds that names no packet, told where it is not what was told last. */
  listHolds(messageType: AxisMessageType, faults: readonly string[]): void {
    const text = faults.join('\n')
    if (text === (this.#listFaults.get(messageType) ?? '')) return
    this.#listFaults.set(messageType, text)
    if (faults.length === 0) return
    const facts = { connector: this.connector, messageType, faults }
    this.#told.warn(facts, 'another exchange lists what names no packet')
  }

  #failed(part: PollPart, kind: string, facts: Readonly<Record<string, unknown>>): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    const { connector } = this
    const failing = this.#outages[part].failed(this.#now())
    if (failing !== undefined) this.#told.warn({ connector, ...rounded(failing), ...facts }, FAILS[part])
  }

  #well(part: PollPart): void {
    const { connector } = this
    const ended = this.#outages[part].ended(this.#now())
    if (ended !== undefined) this.#told.info({ connector, ...rounded(ended) }, IS_WELL[part])
  }
}

const rounded = ({ seconds, failures }: { readonly seconds: number; readonly failures: number }) => ({
  seconds: Math.round(seconds),
  failures,
})
