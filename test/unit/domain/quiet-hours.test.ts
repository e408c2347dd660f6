import fc from 'fast-check'
import t from 'tap'
import { endOfQuiet, timeOfDay } from '../../../src/domain/quiet-hours.ts'
import type { QuietHours } from '../../../src/domain/routing-rule.ts'
import type { Urgency } from '../../../src/domain/urgency.ts'
import { vietnamIso } from '../../../src/domain/vietnam-time.ts'

const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
const urgency = fc.constantFrom<Urgency>(0, 1, 2, 3, 4)
const quiets: fc.Arbitrary<QuietHours> = fc
  .record({ from: clock, to: clock, passedFrom: urgency })
  .filter(({ from, to }) => from !== to)
const instants = fc.date({
  min: new Date('1969-06-01T00:00:00Z'),
  max: new Date('2099-01-01T00:00:00Z'),
  noInvalidDate: true,
})

/** Read off the clock on the wall: whether the hours are quiet. */
const isQuietAt = ({ from, to }: QuietHours, instant: Date): boolean => {
  const wall = vietnamIso(instant).slice(11, 16)
  return from < to ? from <= wall && wall < to : from <= wall || wall < to
}

t.test('a document waits exactly while the clock in Vietnam shows quiet hours', async () => {
  fc.assert(
    fc.property(quiets, urgency, instants, (quiet, given, instant) => {
      const end = endOfQuiet(quiet, given, instant)
      return (end !== null) === (given < quiet.passedFrom && isQuietAt(quiet, instant))
    }),
    { numRuns: 3_000 },
  )
})

t.test('it waits for their end, within a day, and then no more', async () => {
  fc.assert(
    fc.property(quiets, urgency, instants, (quiet, given, instant) => {
      const end = endOfQuiet(quiet, given, instant)
      if (end === null) return true
      const wait = end.getTime() - instant.getTime()
      return (
        wait > 0 &&
        wait < 24 * 3600 * 1000 &&
        vietnamIso(end).slice(11, 19) === `${quiet.to}:00` &&
        end.getMilliseconds() === 0 &&
        endOfQuiet(quiet, given, end) === null
      )
    }),
    { numRuns: 3_000 },
  )
})

t.test('hours past midnight', async (t) => {
  const quiet: QuietHours = { from: '21:30', to: '06:00', passedFrom: 2 }
  const at = (text: string) => new Date(`${text}+07:00`)
  t.same(endOfQuiet(quiet, 0, at('2026-11-20T21:29:59.999')), null)
  t.same(endOfQuiet(quiet, 0, at('2026-11-20T21:30:00')), at('2026-11-21T06:00:00'))
  t.same(endOfQuiet(quiet, 1, at('2026-11-21T00:00:00')), at('2026-11-21T06:00:00'))
  t.same(endOfQuiet(quiet, 2, at('2026-11-21T00:00:00')), null, 'the urgent passes')
  t.same(endOfQuiet(quiet, 0, at('2026-11-21T06:00:00')), null)
  t.same(endOfQuiet(null, 0, at('2026-11-21T00:00:00')), null)
})

t.test('what is no time of the day holds nothing back', async (t) => {
  for (const text of ['', '24:00', '7:00', '07:60', '07:00:00', '07.00'])
    t.equal(timeOfDay(text), undefined, text)
  t.equal(timeOfDay('07:30'), 27_000_000)
  t.equal(endOfQuiet({ from: '22', to: '06:00', passedFrom: 2 }, 0, new Date()), null)
})
