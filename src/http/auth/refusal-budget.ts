import type { AgencyCode } from '../../domain/identifiers.ts'

/** Refusals of one caller that go on record between two drains. */
const OF_ONE_CALLER = 10
/** Of everybody together who did not prove who he is: there may be any number of addresses. */
const OF_STRANGERS = 100

export type RefusalKind = 'access-refused' | 'admin-refused'

/** Whose refusals are counted together. */
export interface RefusedCaller {
  readonly kind: RefusalKind
  /** The client that proved who it is; null stands for strangers. */
  readonly clientId: string | null
  readonly agency: AgencyCode | null
  /** Null stands for the many strangers who came when no more went on record. */
  readonly address: string | null
}

interface Tally {
  readonly caller: RefusedCaller
  seen: number
  recorded: number
}

export interface LeftOut {
  readonly caller: RefusedCaller
  readonly count: number
}

/**
 * Bounds what refusals put on record, so that nobody can fill it, and counts what is left out. Strangers have a bound
 * of their own: their noise must not hide what a client tries.
 */
export class RefusalBudget {
  #tallies = new Map<string, Tally>()
  #strangers = 0

  /** Counts a refusal. Returns whether it is to go on record by itself. */
  take(caller: RefusedCaller): boolean {
    const tally = this.#tallyOf(caller)
    tally.seen += 1
    const isStranger = caller.clientId === null
    if (tally.recorded >= OF_ONE_CALLER || (isStranger && this.#strangers >= OF_STRANGERS)) return false
    tally.recorded += 1
    if (isStranger) this.#strangers += 1
    return true
  }

  /** What was left out since this was asked last; from now on everything is counted anew. */
  drain(): LeftOut[] {
    const tallies = [...this.#tallies.values()]
    this.#tallies = new Map()
    this.#strangers = 0
    return tallies
      .filter(({ seen, recorded }) => seen > recorded)
      .map(({ caller, seen, recorded }) => ({ caller, count: seen - recorded }))
  }

  #tallyOf(caller: RefusedCaller): Tally {
    const known = this.#tallies.get(keyOf(caller))
    if (known !== undefined) return known
    // No more addresses are remembered than can go on record.
    const isOneOfMany = caller.clientId === null && this.#strangers >= OF_STRANGERS
    const counted = isOneOfMany ? { ...caller, address: null } : caller
    const tally = this.#tallies.get(keyOf(counted)) ?? { caller: counted, seen: 0, recorded: 0 }
    this.#tallies.set(keyOf(counted), tally)
    return tally
  }
}

const keyOf = ({ kind, clientId, address }: RefusedCaller): string =>
  JSON.stringify(clientId === null ? [kind, 'address', address] : [kind, 'client', clientId])
