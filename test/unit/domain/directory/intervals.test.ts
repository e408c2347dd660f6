import fc from 'fast-check'
import { test } from 'tap'
import { holdsOn, type Interval } from '../../../../src/domain/directory/fact.ts'
import { earlierEnd, overlap, segments, uncovered } from '../../../../src/domain/directory/intervals.ts'

const DAYS = Array.from({ length: 12 }, (_, day) => `2025-07-${String(day + 1).padStart(2, '0')}`)

const interval: fc.Arbitrary<Interval> = fc
  .tuple(fc.nat(9), fc.integer({ min: 1, max: 5 }), fc.boolean())
  .map(([from, length, ends]) => ({
    validFrom: DAYS[from]!,
    validTo: ends ? (DAYS[from + length] ?? null) : null,
  }))
const some = fc.array(interval, { maxLength: 5 })
const holds = (intervals: readonly Interval[], day: string) => intervals.some((one) => holdsOn(one, day))

test('what two intervals have in common, day by day', async () => {
  fc.assert(
    fc.property(interval, interval, (a, b) => {
      const both = overlap(a, b)
      return DAYS.every(
        (day) => (holdsOn(a, day) && holdsOn(b, day)) === (both !== undefined && holdsOn(both, day)),
      )
    }),
  )
})

test('what is left uncovered, day by day, in order', async () => {
  fc.assert(
    fc.property(interval, some, (whole, others) => {
      const left = uncovered(whole, others)
      const inOrder = left.every((one, at) => at === 0 || left[at - 1]!.validTo! < one.validFrom)
      return inOrder && DAYS.every((day) => holds(left, day) === (holdsOn(whole, day) && !holds(others, day)))
    }),
  )
})

test('within a segment nothing begins or ends, and together they cover what the intervals do', async () => {
  fc.assert(
    fc.property(some, (intervals) => {
      const parts = segments(intervals)
      const still = parts.every((part) =>
        intervals.every((one) => {
          const both = overlap(one, part)
          return both === undefined || (both.validFrom === part.validFrom && both.validTo === part.validTo)
        }),
      )
      return still && DAYS.every((day) => !holds(intervals, day) || holds(parts, day))
    }),
  )
})

test('no end is later than any', async (t) => {
  t.equal(earlierEnd(null, '2025-07-01'), '2025-07-01')
  t.equal(earlierEnd('2025-07-01', null), '2025-07-01')
  t.equal(earlierEnd('2025-07-01', '2025-06-01'), '2025-06-01')
  t.equal(earlierEnd(null, null), null)
})
