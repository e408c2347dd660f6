/**
 * What a spreadsheet would take for a formula gets a `'` before it (OWASP CSV injection; ASVS 5.0 1.2.10). A cell may
 * begin not only where the text does: a spreadsheet that is set to another separator begins one after each of those,
 * and a careless one at each line break, whatever is quoted. A text that has such a `'` of its own gets another one, so
 * that `withoutGuard` finds every text again.
 */
const UNGUARDED = /^(?='*[\t\r\n\0])|(?<=^|[\r\n\t;,])(?='*[=+\-@＝＋－＠\0])/g
const GUARD = /^'(?='*[\t\r\n\0])|(?<=^|[\r\n\t;,])'(?='*[=+\-@＝＋－＠\0])/g
const NEEDS_QUOTES = /[",;\t\r\n]/

export const withGuard = (text: string): string => text.replace(UNGUARDED, "'")

/** The text that `withGuard` was given. */
export const withoutGuard = (text: string): string => (text.includes("'") ? text.replace(GUARD, '') : text)

/** A cell of a CSV file (RFC 4180) that no spreadsheet takes for a formula. */
export function csvCell(text: string): string {
  const safe = withGuard(text)
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export type Delimiter = ',' | ';'

export const csvLine = (cells: readonly string[], delimiter: Delimiter = ','): string =>
  `${cells.map(csvCell).join(delimiter)}\r\n`
