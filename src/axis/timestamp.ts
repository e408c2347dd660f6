import { vietnamIso } from '../domain/vietnam-time.ts'

/**
 * `ddMMyyyy'T'HHmmss+SSSS` by Vietnam's wall clock, as the vendor's client writes it: the last four digits are
 * milliseconds, not a zone.
 */
export function writeAxisTimestamp(instant: Date): string {
  const [year, month, day, hour, minute, second] = vietnamIso(instant).split(/[-T:+]/)
  const milliseconds = String(instant.getUTCMilliseconds()).padStart(4, '0')
  return `${day}${month}${year}T${hour}${minute}${second}+${milliseconds}`
}

const TIMESTAMP = /^(\d{2})(\d{2})(\d{4})T(\d{2})(\d{2})(\d{2})\+(\d{4})$/

/** Undefined where the text is none, also where there is no such day or hour. */
export function readAxisTimestamp(text: string): Date | undefined {
  const parts = TIMESTAMP.exec(text)
  if (parts === null) return undefined
  const [, day, month, year, hour, minute, second, fraction] = parts
  const instant = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}+07:00`)
  // 30 February is read as a day of March: what was read is written again.
  if (Number.isNaN(instant.getTime()) || writeAxisTimestamp(instant).slice(0, 15) !== text.slice(0, 15)) {
    return undefined
  }
  return new Date(instant.getTime() + Number(fraction))
}

/** Whether a request's time lies near enough to ours, before or after. Long-lived clients tell when they started. */
export const isFresh = (time: Date, now: Date, toleranceSeconds: number): boolean =>
  Math.abs(now.getTime() - time.getTime()) <= toleranceSeconds * 1000
