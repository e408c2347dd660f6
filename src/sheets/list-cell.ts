type Separator = ';' | ','

/** What stands between the texts of a cell, and how one of the texts is told from it. */
const FORMS: Readonly<Record<Separator, { readonly special: RegExp; readonly item: RegExp }>> = {
  ';': { special: /[\\;]/g, item: /(?:\\.|\\$|[^\\;\n])+/gs },
  ',': { special: /[\\,]/g, item: /(?:\\.|\\$|[^\\,\n])+/gs },
}

/** Several texts as one cell: between semicolons, of which one that belongs to a text stands behind a backslash. */
export const joinList = (items: readonly string[], separator: Separator = ';'): string =>
  items.map((item) => item.replace(FORMS[separator].special, '\\$&')).join(`${separator} `)

/** The texts of a cell: between semicolons or line breaks, without blanks at their ends; empty ones are none. */
export function splitList(text: string, separator: Separator = ';'): string[] {
  const items = text.match(FORMS[separator].item) ?? []
  return items.map((item) => item.trim().replace(/\\(.)/gs, '$1')).filter((item) => item !== '')
}
