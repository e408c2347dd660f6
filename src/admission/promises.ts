/** Nobody is sent away for longer, in milliseconds. */
const LONGEST_MS = 30_000
/** How quickly the pace that is known follows the one that is seen. */
const WEIGHT = 0.05

/**
 * Tells those who are refused when to come again, each a time of his own, at the pace at which work gets done: if all
 * keep to it, each finds a place.
 */
export class Promises {
  readonly #now: () => number
  /** Milliseconds from the end of one piece of work to the next. */
  #between = 20
  #lastAt = Number.NEGATIVE_INFINITY
  #promised = 0

  constructor(monotonicNow: () => number = () => performance.now()) {
    this.#now = monotonicNow
  }

  /** To be told of every piece of work that is done while others wait. */
  done(): void {
    const now = this.#now()
    const between = now - this.#lastAt
    if (between < 1_000) this.#between += (between - this.#between) * WEIGHT
    this.#lastAt = now
  }

  /** How many pieces of work get done in so many milliseconds, at the pace of late. */
  doneIn(ms: number): number {
    return ms / this.#between
  }

  /** Seconds after which to come again, 1 at least. */
  next(): number {
    const now = this.#now()
    this.#promised = Math.min(Math.max(this.#promised, now) + this.#between, now + LONGEST_MS)
    return Math.max(1, Math.ceil((this.#promised - now) / 1_000))
  }
}
