import type { Pool } from './pool.ts'

/**
 * A question whose answer is believed for a while, for each pool: for what changes seldom, and where being late by so much
 * does no harm. What fails is not remembered.
 */
export function believedRead<T>(
  read: (pool: Pool) => Promise<T>,
  milliseconds: number,
  monotonicNow: () => number = () => performance.now(),
): (pool: Pool) => Promise<T> {
  const known = new WeakMap<Pool, { readonly until: number; readonly answer: Promise<T> }>()
  return (pool) => {
    const now = monotonicNow()
    const earlier = known.get(pool)
    if (earlier !== undefined && now < earlier.until) return earlier.answer
    const answer = read(pool)
    known.set(pool, { until: now + milliseconds, answer })
    answer.catch(() => known.delete(pool))
    return answer
  }
}
