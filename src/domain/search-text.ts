/** Lower case without diacritics: `Quyết định` becomes `quyet dinh`. */
export const foldDiacritics = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replaceAll('đ', 'd')

/**
 * Lower case without the diacritics of Latin letters alone (U+0300–036F, and the bar of `đ`), decomposed: what SQL makes of a
 * subject, whose regular expressions know no property of characters. Marks of other scripts stay, as in Khmer or Thai.
 */
export const foldLatinDiacritics = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]+/g, '')
    .replaceAll('đ', 'd')

const tidy = (text: string): string => text.toLowerCase().normalize('NFC').replace(/\s+/g, ' ').trim()

/** What a document is found by: its texts as they are and without diacritics, in lower case. */
export function searchTextOf(texts: readonly (string | undefined)[]): string {
  const whole = tidy(texts.filter((text) => text !== undefined).join(' | '))
  const folded = foldDiacritics(whole)
  return folded === whole ? whole : `${whole} || ${folded}`
}

/** A searcher who types diacritics means them; one who types none means any. */
export const searchNeedle = (query: string): string => tidy(query)
