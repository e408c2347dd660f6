import type { AgencyCode } from '../domain/identifiers.ts'

/** Milliseconds after which a waiter looks again although nobody woke it: a notification may get lost. */
const LOOK_AGAIN_MS = 2_000

export interface Arrival {
  /** Settles when something may have come, when the time is up, or when cancelled. Never rejects. */
  readonly settled: Promise<void>
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

  /** Waits for the next arrival in an inbox, for at most `milliseconds`. */
  next(agency: AgencyCode, milliseconds: number, signal: AbortSignal): Arrival {
    const { promise, resolve } = deferred()
    const wakers = this.#waiting.get(agency) ?? new Set()
    this.#waiting.set(agency, wakers)
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      wakers.delete(done)
      if (wakers.size === 0 && this.#waiting.get(agency) === wakers) this.#waiting.delete(agency)
      resolve()
    }
    const timer = setTimeout(done, Math.max(0, Math.min(milliseconds, LOOK_AGAIN_MS)))
    signal.addEventListener('abort', done, { once: true })
    wakers.add(done)
    return { settled: promise, cancel: done }
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
    for (const wakers of sets) for (const done of [...wakers]) done()
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
