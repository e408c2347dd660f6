import { UsageError } from './usage-error.ts'

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

/**
 * An instant as ISO 8601, a day being its beginning; UTC where it names no offset.
 * @throws UsageError
 */
export function instant(name: string, text: string): Date {
  const hasOffset = /(?:Z|[+-]\d\d:?\d\d)$/.test(text.slice(10))
  const time = new Date(text.length > 10 && !hasOffset ? `${text}Z` : text)
  if (!ISO.test(text) || Number.isNaN(time.getTime()) || !isDay(text.slice(0, 10)))
    throw new UsageError(`--${name}: ${text} is no time (2026-11-20T08:00:00+07:00)`)
  return time
}

/** Date takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  return new Date(text).toISOString().startsWith(text)
}
