import fc from 'fast-check'
import t from 'tap'
import type { SendResult } from '../../../src/delivery/channels/channel.ts'
import { judge } from '../../../src/delivery/verdict.ts'

/** What a channel says while the exchange cannot be reached, or rests after that. */
const AWAY: SendResult = {
  outcome: 'retry',
  failure: { code: 'unreachable', explanation: { vi: 'không liên lạc được', en: 'cannot be reached' } },
  blocked: true,
}
const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400]
/** Five minutes, stretched by a fifth: the longest that a delivery sleeps after its exchange is back. */
const LONGEST_SLEEP = 6 * MINUTE

interface Played {
  /** Seconds after the delivery began to wait, of each attempt; the last one is the first after the exchange is back. */
  readonly attempts: readonly number[]
  readonly gaveUp: boolean
}

/** Plays a delivery that becomes due at 0, while its exchange is away until `back`, on a clock of its own. */
function play(back: number, random: () => number): Played {
  const attempts = [0]
  for (let now = 0; now < back; ) {
    // Attempts that cost nothing leave the count at none.
    const { settlement } = judge(1, AWAY, { random: random(), waited: now })
    if (settlement.state !== 'waiting' || settlement.retryAfter === null || settlement.counts)
      return { attempts, gaveUp: true }
    now += settlement.retryAfter
    attempts.push(now)
  }
  return { attempts, gaveUp: false }
}

t.test('after an hour away the next attempt comes within six minutes, and nothing is given up', async (t) => {
  for (const random of [0, 0.5, 0.999]) {
    const { attempts, gaveUp } = play(HOUR, () => random)
    t.notOk(gaveUp)
    const late = attempts.at(-1)! - HOUR
    t.ok(late >= 0 && late <= LONGEST_SLEEP, `${Math.round(late)} s after it is back`)
    t.ok(attempts.length < 60, `${attempts.length} attempts: it is asked little meanwhile`)
  }
})

t.test('however long it is away, up to three days', async (t) => {
  const spread = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 * DAY }), fc.array(spread, { minLength: 1 }), (back, numbers) => {
      let count = 0
      const { attempts, gaveUp } = play(back, () => numbers[count++ % numbers.length]!)
      const late = attempts.at(-1)! - back
      // What has waited little sleeps little: a tenth of its waiting, and never less than 15 s.
      const most = Math.min(Math.max(attempts.at(-2)! / 10, 15) * 1.2, LONGEST_SLEEP)
      return !gaveUp && late >= 0 && late <= most + 1e-6
    }),
    { numRuns: 200 },
  )
  t.pass()
})

t.test('it ends: a week is too long', async (t) => {
  const { attempts, gaveUp } = play(7 * DAY, () => 0)
  t.ok(gaveUp)
  t.ok(attempts.at(-1)! > 75 * HOUR, 'after more than three days')
})
