/** Several texts as one cell: between semicolons, of which one that belongs to a text stands behind a backslash. */
export const joinList = (items: readonly string[]): string =>
  items.map((item) => item.replace(/[\\;]/g, '\\$&')).join('; ')

/** The texts of a cell: between semicolons or line breaks, without blanks at their ends; empty ones are none. */
export function splitList(text: string): string[] {
  const items = text.match(/(?:\\.|\\$|[^\\;\n])+/gs) ?? []
  return items.map((item) => item.trim().replace(/\\(.)/gs, '$1')).filter((item) => item !== '')
}
