export type Pair = readonly [name: string, value: string]

/**
 * Reads a JSON object whose values are all strings, as pairs in their order: a name that stands there twice is seen
 * twice, and no name means anything to the language. Undefined where the text is anything else or has more pairs.
 */
export function flatObject(text: string, mostPairs: number): Pair[] | undefined {
  const pairs: Pair[] = []
  let at = skip(text, 0)
  if (text[at] !== '{') return undefined
  at = skip(text, at + 1)
  if (text[at] === '}') return ends(text, at + 1) ? pairs : undefined
  while (pairs.length < mostPairs) {
    const name = literal(text, at)
    if (name === undefined) return undefined
    const colon = skip(text, name.end)
    const value = text[colon] === ':' ? literal(text, skip(text, colon + 1)) : undefined
    if (value === undefined) return undefined
    pairs.push([name.text, value.text])
    at = skip(text, value.end)
    if (text[at] === '}') return ends(text, at + 1) ? pairs : undefined
    if (text[at] !== ',') return undefined
    at = skip(text, at + 1)
  }
  return undefined
}

const ends = (text: string, at: number): boolean => skip(text, at) === text.length

/** The index of what comes after white space. */
function skip(text: string, at: number): number {
  let next = at
  while (next < text.length && ' \t\r\n'.includes(text.charAt(next))) next += 1
  return next
}

/** The string literal that begins there; the scan is by hand, for a megabyte is too much for a regular expression. */
function literal(text: string, at: number): { text: string; end: number } | undefined {
  if (text[at] !== '"') return undefined
  let end = at + 1
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  if (end >= text.length) return undefined
  try {
    const value: unknown = JSON.parse(text.slice(at, end + 1))
    return typeof value === 'string' ? { text: value, end: end + 1 } : undefined
  } catch {
    return undefined
  }
}
