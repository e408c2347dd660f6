import { isOutage } from './errors.ts'
import type { Pool } from './pool.ts'

export interface GatherOptions {
  /** Items that are done together at most. */
  readonly most: number
  /** Batches under way at the same time. */
  readonly lanes: number
  /**
   * Milliseconds from the beginning of one batch to that of the next, unless that is full: what makes a batch costs more
   * than what adds to it. None where left out.
   */
  readonly restMs?: number
  /** What the rest is measured by: that of this process where left out. */
  readonly clock?: RestClock
}

export interface RestClock {
  /** Milliseconds of a clock that only goes forward. */
  now(): number
  after(milliseconds: number, then: () => void): void
}

const PROCESS_CLOCK: RestClock = {
  now: () => performance.now(),
  after: (milliseconds, then) => {
    setTimeout(then, milliseconds)
  },
}

interface Waiting<I, R> {
  readonly item: I
  resolve(result: R): void
  reject(error: unknown): void
}

/**
 * Does together what is asked for while earlier work is under way: a statement, a round trip, a flush for many. Nobody
 * waits for company but where it was so asked, and then only behind others: where a lane is free, and no rest is taken, work
 * begins at the end of this turn of the process.
 * @param work gets up to `most` items, in the order in which they came, and gives a result for each; where it throws, all
 *   of them fail of it, so work that can fail of one item does the others again without it
 */
export function gather<I, R>(
  work: (items: readonly I[]) => Promise<readonly R[]>,
  { most, lanes, restMs = 0, clock = PROCESS_CLOCK }: GatherOptions,
): (item: I) => Promise<R> {
  const queue: Waiting<I, R>[] = []
  let free = lanes
  let called = false
  let resting = false
  let notBefore = Number.NEGATIVE_INFINITY
  const run = async (batch: readonly Waiting<I, R>[]) => {
    try {
      const results = await work(batch.map(({ item }) => item))
      if (results.length !== batch.length)
        throw new Error(`${results.length} results for ${batch.length} items`)
      batch.forEach(({ resolve }, index) => {
        resolve(results[index]!)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  const begin = () => {
    called = false
    while (free > 0 && queue.length > 0 && !rests()) {
      free -= 1
      void run(queue.splice(0, most)).then(() => {
        free += 1
        begin()
      })
    }
  }
  const rests = (): boolean => {
    if (restMs === 0 || queue.length >= most) return false
    if (resting) return true
    const now = clock.now()
    resting = now < notBefore
    if (resting) clock.after(notBefore - now, endRest)
    else notBefore = now + restMs
    return resting
  }
  const endRest = () => {
    resting = false
    notBefore = Number.NEGATIVE_INFINITY
    begin()
  }
  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject })
      if (called || free === 0 || (resting && queue.length < most)) return
      called = true
      setImmediate(begin)
    })
}

type End<R> = { readonly result: R } | { readonly error: unknown }

/**
 * The same of a database: what is asked of one pool is done together. Where the database is at odds with something of a
 * batch, each item of it is done by itself, so that one harms no other.
 * @param work whatever it throws, it has changed nothing, or asking it once more changes nothing
 */
export function gatherOn<I, R>(
  work: (pool: Pool, items: readonly I[]) => Promise<readonly R[]>,
  options: GatherOptions,
): (pool: Pool, item: I) => Promise<R> {
  const asking = (pool: Pool) => gather((items: readonly I[]) => workOrApart(work, pool, items), options)
  const known = new WeakMap<Pool, ReturnType<typeof asking>>()
  return async (pool, item) => {
    let ask = known.get(pool)
    if (ask === undefined) {
      ask = asking(pool)
      known.set(pool, ask)
    }
    const end = await ask(item)
    if ('error' in end) throw end.error
    return end.result
  }
}

async function workOrApart<I, R>(
  work: (pool: Pool, items: readonly I[]) => Promise<readonly R[]>,
  pool: Pool,
  items: readonly I[],
): Promise<readonly End<R>[]> {
  try {
    return (await work(pool, items)).map((result) => ({ result }))
  } catch (error) {
    if (items.length === 1 || isOutage(error)) throw error
    return apart(work, pool, items)
  }
}

/** One by one; once the database is away, those that are left are told so at once. */
async function apart<I, R>(
  work: (pool: Pool, items: readonly I[]) => Promise<readonly R[]>,
  pool: Pool,
  items: readonly I[],
): Promise<readonly End<R>[]> {
  const ends: End<R>[] = []
  let outage: { readonly error: unknown } | undefined
  for (const item of items) {
    const end: End<R> =
      outage ??
      (await work(pool, [item]).then(
        ([result]) => ({ result: result as R }),
        (error: unknown) => ({ error }),
      ))
    if ('error' in end && isOutage(end.error)) outage = end
    ends.push(end)
  }
  return ends
}
