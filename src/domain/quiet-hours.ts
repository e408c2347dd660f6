import type { QuietHours } from './routing-rule.ts'
import type { Urgency } from './urgency.ts'
import { millisecondsOfVietnamDay, vietnamIso } from './vietnam-time.ts'

const DAY_MS = 24 * 3600 * 1000
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/

/** Milliseconds from midnight to `HH:mm`; undefined where it is no time of the day. */
export function timeOfDay(clock: string): number | undefined {
  const [, hours, minutes] = CLOCK.exec(clock) ?? []
  return hours === undefined ? undefined : (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** Until when a document of an urgency waits at an instant; null where it does not. Hours are Vietnam's (UTC+7). */
export function endOfQuiet(quiet: QuietHours | null, urgency: Urgency, instant: Date): Date | null {
  if (quiet === null || urgency >= quiet.passedFrom) return null
  const [from, to] = [timeOfDay(quiet.from), timeOfDay(quiet.to)]
  if (from === undefined || to === undefined) return null
  const now = millisecondsOfVietnamDay(instant)
  const isQuiet = from < to ? from <= now && now < to : from > to && (now >= from || now < to)
  return isQuiet ? new Date(instant.getTime() + ((to - now + DAY_MS) % DAY_MS)) : null
}

/** Why a delivery waits with which nothing is wrong: kept as its reason while it does. */
export const quietReason = (until: Date) => ({
  code: 'quiet-hours',
  explanation: {
    vi: `Chờ hết giờ yên lặng của nơi nhận (${vietnamIso(until)})`,
    en: `It waits for the end of the recipient's quiet hours (${vietnamIso(until)})`,
  },
  until: until.toISOString(),
})
