import type { AgencyCode } from '../domain/identifiers.ts'

/**
 * A waiter looks again although nobody woke it, for a notification may get lost: after one of these, or two, at the same
 * instant as all others of the process, so that their looks go together.
 */
const TICK_MS = 1_000
const untilLookAgain = (monotonicNow: number): number => 2 * TICK_MS - (monotonicNow % TICK_MS)

export interface Arrival {
  /**
   * Settles when something may have come since it was expected, when `milliseconds` are over, or when nobody is there to
   * wait. Never rejects.
   */
  within(milliseconds: number, gone: AbortSignal): Promise<void>
  /** Expects nothing any more. */
  cancel(): void
}

/** Those who wait, in this process, for something to come into an inbox. */
export class InboxWaiters {
  readonly #waiting = new Map<AgencyCode, Set<() => void>>()
  #closed = false

  /** Whether nobody shall wait any more. */
  get closed(): boolean {
    return this.#closed
  }

  /** How many wait now. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, wakers) => sum + wakers.size, 0)
  }

  /** From now on the next arrival in an inbox is noticed. To be cancelled in the end. */
  expect(agency: AgencyCode): Arrival {
    const wakers = this.#waiting.get(agency) ?? new Set()
    this.#waiting.set(agency, wakers)
    let over = false
    let tell: () => void = () => undefined
    const end = () => {
      over = true
      wakers.delete(end)
      if (wakers.size === 0 && this.#waiting.get(agency) === wakers) this.#waiting.delete(agency)
      tell()
    }
    wakers.add(end)
    const within = (milliseconds: number, gone: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (over || milliseconds <= 0 || gone.aborted) return resolve()
        const timer = setTimeout(end, Math.min(milliseconds, untilLookAgain(performance.now())))
        gone.addEventListener('abort', end, { once: true })
        tell = () => {
          clearTimeout(timer)
          gone.removeEventListener('abort', end)
          resolve()
        }
      })
    return { within, cancel: end }
  }

  /** Lets everybody go: the process is about to stop. */
  close(): void {
    this.#closed = true
    this.wake()
  }

  /** Wakes those who wait for this inbox; all of them where the agency is not known. */
  wake(agency?: AgencyCode): void {
    const sets =
      agency === undefined
        ? [...this.#waiting.values()]
        : [this.#waiting.get(agency) ?? new Set<() => void>()]
    for (const wakers of sets) for (const end of [...wakers]) end()
  }
}
