/** Seconds after which somebody is told once more of what still fails. */
const REMIND_EVERY = 3_600

export interface Failing {
  /** Since the first failure in a row. */
  readonly seconds: number
  readonly failures: number
}

/** Failures in a row of something that is tried again and again: who is told of each would see nothing else. */
export class Outage {
  #began: number | undefined
  #told = 0
  #failures = 0

  /** Tells whether this failure is worth telling: the first, and then one each hour. @param now milliseconds, monotonic */
  failed(now: number): Failing | undefined {
    const isFirst = this.#began === undefined
    const began = this.#began ?? now
    this.#began = began
    this.#failures += 1
    if (!isFirst && now - this.#told < REMIND_EVERY * 1_000) return undefined
    this.#told = now
    return { seconds: (now - began) / 1_000, failures: this.#failures }
  }

  /** It went well: what has ended by that, if anything. @param now milliseconds, monotonic */
  ended(now: number): Failing | undefined {
    const ended =
      this.#began === undefined
        ? undefined
        : { seconds: (now - this.#began) / 1_000, failures: this.#failures }
    this.forget()
    return ended
  }

  /** Somebody else tries it from now on. */
  forget(): void {
    this.#began = undefined
    this.#failures = 0
  }
}
