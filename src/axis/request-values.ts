import { parseShallow } from './json-depth.ts'

/** Recipients that one request may name: some times as many as there are communes. */
const MOST_RECIPIENTS = 20_000

/**
 * Reads header `to`: a JSON array of codes, as the vendor's client sends it, or one code alone. Undefined where it is
 * neither; empty where it names nobody.
 */
export function readTo(text: string): string[] | undefined {
  if (text.trim() === '') return []
  if (!text.trimStart().startsWith('[')) return [text.trim()]
  const names = parseShallow(text, 1)
  if (!Array.isArray(names) || names.length > MOST_RECIPIENTS) return undefined
  return names.every((name): name is string => typeof name === 'string')
    ? names.map((name) => name.trim()).filter((name) => name !== '')
    : undefined
}

const YEAR_FIRST = /^(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?:[ T].*)?$/
const DAY_FIRST = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ T].*)?$/

/**
 * Reads headers `fromDate` and `toDate`, which clients write as `yyyy/MM/dd` or `dd/MM/yyyy`, some with a time, which
 * is ignored. Gives `yyyy-MM-dd`, or undefined where it is no day.
 */
export function readAxisDate(text: string): string | undefined {
  const yearFirst = YEAR_FIRST.exec(text.trim())
  const dayFirst = DAY_FIRST.exec(text.trim())
  const [year, month, day] = yearFirst?.slice(1) ?? dayFirst?.slice(1).reverse() ?? []
  if (year === undefined || month === undefined || day === undefined) return undefined
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const instant = new Date(`${date}T00:00:00Z`)
  // 30 February is read as a day of March: what was read is written again.
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date) ? date : undefined
}
