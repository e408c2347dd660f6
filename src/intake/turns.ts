export interface TurnsOptions {
  /** Works at the same time. */
  readonly places: number
  /** Works that wait for a place at most. */
  readonly mostWaiting: number
  /** Milliseconds for which one waits at most. */
  readonly patienceMs: number
}

interface Waiting {
  readonly begin: () => void
}

/**
 * Does works in the order in which they come, so many at a time. Whoever waits does so within bounds.
 * @returns what does a work when its turn has come; it rejects with what the work throws, or where it cannot wait
 */
export function takeTurns({
  places,
  mostWaiting,
  patienceMs,
}: TurnsOptions): <T>(work: () => Promise<T>) => Promise<T> {
  // A set keeps the order, and lets go of one in the middle at once.
  const waiting = new Set<Waiting>()
  let free = places
  const place = (): Promise<void> => {
    if (free > 0) {
      free -= 1
      return Promise.resolve()
    }
    if (waiting.size >= mostWaiting) return Promise.reject(new Error('too many wait'))
    return new Promise((resolve, reject) => {
      const one: Waiting = {
        begin() {
          clearTimeout(patience)
          resolve()
        },
      }
      const patience = setTimeout(() => {
        waiting.delete(one)
        reject(new Error('waited for too long'))
      }, patienceMs)
      waiting.add(one)
    })
  }
  return async (work) => {
    await place()
    try {
      return await work()
    } finally {
      const [next] = waiting
      if (next === undefined) free += 1
      else {
        waiting.delete(next)
        next.begin()
      }
    }
  }
}
