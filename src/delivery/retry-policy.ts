/**
 * Seconds to wait after the first, second, ... failed attempt: the schedule of Standard Webhooks, 75 hours in all (91 where
 * each wait is stretched as far as may be), which reaches over a weekend.
 */
export const RETRY_SCHEDULE: readonly number[] = [
  5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
]

/** Seconds after which a delivery that never gets through is given up: as long as the schedule lasts. */
const LONGEST_BLOCK = RETRY_SCHEDULE.reduce((sum, seconds) => sum + seconds, 0)

/** How far a wait may be stretched, so that many deliveries that failed together do not come back together. */
const JITTER = 0.2

/**
 * Seconds until the next attempt, or null where attempts are exhausted.
 * @param attempts how many have been made; 1 after the first
 * @param random a number in [0, 1)
 * @param askedFor seconds that the recipient asked for (Retry-After); never shortens the wait
 */
export function retryDelay(attempts: number, random: number, askedFor = 0): number | null {
  const base = RETRY_SCHEDULE[attempts - 1]
  if (base === undefined) return null
  return Math.max(base * (1 + JITTER * random), Math.min(askedFor, 86_400))
}

/**
 * Seconds until the next attempt where a whole exchange takes nothing now, or null where that has lasted too long: a tenth
 * of the time that was waited, from 15 s to 5 min, so that what waits goes soon after the exchange is back.
 * @param waited seconds
 * @param askedFor seconds; never shortens the wait
 */
export const blockedDelay = (waited: number, random: number, askedFor = 0): number | null =>
  waited > LONGEST_BLOCK
    ? null
    : Math.max(Math.min(Math.max(waited / 10, 15), 300), Math.min(askedFor, 86_400)) * (1 + JITTER * random)
