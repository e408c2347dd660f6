import type { Interval } from './fact.ts'

/** Sorts after every day: the end of what has none. */
const NEVER = '9999-99-99'
const endOf = ({ validTo }: Interval): string => validTo ?? NEVER
const interval = (validFrom: string, end: string): Interval => ({
  validFrom,
  validTo: end === NEVER ? null : end,
})

/** The earlier of two ends; null is no end. */
export const earlierEnd = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && b < a) ? b : a

/** The days that two intervals have in common; undefined where there are none. */
export function overlap(a: Interval, b: Interval): Interval | undefined {
  const from = a.validFrom > b.validFrom ? a.validFrom : b.validFrom
  const end = endOf(a) < endOf(b) ? endOf(a) : endOf(b)
  return from < end ? interval(from, end) : undefined
}

/** The days of an interval that none of the others covers, in their order. */
export function uncovered(whole: Interval, others: readonly Interval[]): Interval[] {
  const found: Interval[] = []
  let from = whole.validFrom
  const end = endOf(whole)
  for (const other of [...others].sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1))) {
    if (endOf(other) <= from) continue
    if (other.validFrom >= end) break
    if (other.validFrom > from) found.push(interval(from, other.validFrom))
    from = endOf(other)
  }
  if (from < end) found.push(interval(from, end))
  return found
}

/** The days between which nothing changes, from the beginnings and ends of intervals, in their order. */
export function segments(intervals: readonly Interval[]): Interval[] {
  const bounds = [...new Set(intervals.flatMap((one) => [one.validFrom, endOf(one)]))].sort()
  return bounds.slice(0, -1).map((from, at) => interval(from, bounds[at + 1]!))
}
