import { GatewayError } from '../../domain/problem.ts'
import { goneAway } from '../slices.ts'

/** Those who may wait for their turn; each holds a request open, and none holds a connection to the database. */
const MOST_WAITING = 32
/** Seconds after which somebody who found no place may try again. */
const RETRY_AFTER = 5

/** Lets one of many have its turn at a time, in the order in which they came. */
export class Turns {
  #busy = false
  readonly #waiting: (() => void)[] = []

  /**
   * Waits for a turn, works, and gives the turn to the next. Whoever works never asks for another turn: it would wait
   * for itself.
   * @param signal whoever goes away leaves the line
   * @throws GatewayError `rate-limited` where too many wait already, `request-timeout` where the signal came first
   */
  async take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#busy) await this.#wait(signal)
    this.#busy = true
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The next one takes over before anybody else can ask.
      if (next === undefined) this.#busy = false
      else next()
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= MOST_WAITING)
      throw new GatewayError('rate-limited', { retryAfter: RETRY_AFTER })
    if (signal?.aborted) throw goneAway()
    return new Promise((resolve, reject) => {
      const leave = () => {
        const place = this.#waiting.indexOf(enter)
        if (place >= 0) this.#waiting.splice(place, 1)
        reject(goneAway())
      }
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      this.#waiting.push(enter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }
}

/** Judging a draft of thousands of items takes seconds of this process: one at a time leaves the rest for others. */
const JUDGING = new Turns()

/** Does what judges a draft when it is its turn in this process; taken before a transaction begins, never within one. */
export const inTurn = <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
  JUDGING.take(work, signal)
