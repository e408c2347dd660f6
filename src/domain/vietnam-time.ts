const OFFSET_MS = 7 * 3600 * 1000
const DAY_MS = 24 * 3600 * 1000

/** An instant as Vietnam's wall clock shows it (UTC+7, no daylight saving), in ISO form without a zone. */
const wallClock = (instant: Date): string => new Date(instant.getTime() + OFFSET_MS).toISOString()

/** `yyyy-MM-dd` in Vietnam: the day on which validity intervals are judged. */
export const vietnamDay = (instant: Date): string => wallClock(instant).slice(0, 10)

/** `yyyy/MM/dd HH:mm:ss` in Vietnam, as edXML writes times (QCVN 102:2016; QĐ 28/2018/QĐ-TTg art. 14.4). */
export function edxmlTimestamp(instant: Date): string {
  const clock = wallClock(instant)
  return `${clock.slice(0, 4)}/${clock.slice(5, 7)}/${clock.slice(8, 10)} ${clock.slice(11, 19)}`
}

/** ISO 8601 with Vietnam's offset, such as `2026-11-21T20:15:00+07:00`. */
export const vietnamIso = (instant: Date): string => `${wallClock(instant).slice(0, 19)}+07:00`

/** Milliseconds since midnight in Vietnam. */
export const millisecondsOfVietnamDay = (instant: Date): number =>
  (((instant.getTime() + OFFSET_MS) % DAY_MS) + DAY_MS) % DAY_MS

/** The day some days after another, both `yyyy-MM-dd`. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
