import type { AxisFailure } from '../axis/client-types.ts'

/** Seconds for which an exchange that could not be reached is not asked again by this process. */
const REST = 15

/** What a proxy says for an exchange that is not there. */
const GATEWAY_STATUSES: readonly (number | undefined)[] = [502, 503, 504]

/** Whether a failure says that nothing gets through to the exchange at all, whatever is sent and to whom. */
export function isBlocked({ kind, httpStatus, mayHaveLeft }: AxisFailure): boolean {
  if (kind === 'unreachable' || kind === 'timeout') return !mayHaveLeft
  return kind === 'not-json' || (kind === 'http' && GATEWAY_STATUSES.includes(httpStatus))
}

/**
 * Whether another exchange can be reached, from what came of asking it. While it cannot, one request at a time finds out,
 * and all others do not wait for it: thousands may want to go there.
 */
export class Reach {
  #up: boolean | undefined
  #restsUntil = Number.NEGATIVE_INFINITY

  /** Undefined while nothing was asked. */
  get up(): boolean | undefined {
    return this.#up
  }

  /** Seconds for which it should not be asked; 0 where it may be. @param now milliseconds of the monotonic clock */
  restsFor(now: number): number {
    const left = Math.max(0, this.#restsUntil - now) / 1_000
    // Whoever is let through finds out for the others.
    if (left === 0 && this.#up === false) this.#restsUntil = now + REST * 1_000
    return left
  }

  /** Told what came of asking; undefined: all went well. */
  saw(failure: AxisFailure | undefined, now: number): void {
    if (failure?.kind === 'aborted') return
    this.#up = failure === undefined || !isBlocked(failure)
    this.#restsUntil = this.#up ? Number.NEGATIVE_INFINITY : now + REST * 1_000
  }
}
