import type { AxisFailure } from '../axis/client-types.ts'

/** Failures one after the other by which an exchange is taken for away: of a thousand requests some fail by themselves. */
const MOST_FAILURES = 4
/** Seconds for which it is not asked again by this process: at first, and at most. Each rest is twice the one before. */
const [FIRST_REST, LONGEST_REST] = [1, 15]

/** What a proxy says for an exchange that is not there. */
const GATEWAY_STATUSES: readonly (number | undefined)[] = [502, 503, 504]

/** Whether a failure says that nothing gets through to the exchange at all, whatever is sent and to whom. */
export function isBlocked({ kind, httpStatus, mayHaveLeft }: AxisFailure): boolean {
  if (kind === 'unreachable' || kind === 'timeout') return !mayHaveLeft
  return kind === 'not-json' || (kind === 'http' && GATEWAY_STATUSES.includes(httpStatus))
}

/**
 * Whether another exchange can be reached, from what came of asking it. One bad answer delays nobody else. While it is
 * away, one request at a time finds out, and all others do not wait for it: thousands may want to go there.
 */
export class Reach {
  #up: boolean | undefined
  #failures = 0
  /** Seconds. */
  #rest = FIRST_REST
  #restsUntil = Number.NEGATIVE_INFINITY

  /** False while it is taken for away; undefined while it has not answered, nor failed often enough. */
  get up(): boolean | undefined {
    return this.#up
  }

  /** Seconds for which it should not be asked; 0 where it may be. @param now milliseconds of the monotonic clock */
  restsFor(now: number): number {
    const left = Math.max(0, this.#restsUntil - now) / 1_000
    if (left === 0 && this.#up === false) {
      // Whoever is let through finds out for the others.
      this.#rest = Math.min(this.#rest * 2, LONGEST_REST)
      this.#restsUntil = now + this.#rest * 1_000
    }
    return left
  }

  /** Told what came of asking; undefined: all went well. */
  saw(failure: AxisFailure | undefined, now: number): void {
    if (failure?.kind === 'aborted') return
    if (failure !== undefined && isBlocked(failure)) this.#failed(now)
    else this.#answered()
  }

  #answered(): void {
    this.#up = true
    this.#failures = 0
    this.#rest = FIRST_REST
    this.#restsUntil = Number.NEGATIVE_INFINITY
  }

  #failed(now: number): void {
    this.#failures += 1
    if (this.#failures < MOST_FAILURES) return
    this.#up = false
    this.#restsUntil = Math.max(this.#restsUntil, now + this.#rest * 1_000)
  }
}
