/** No act and no rule is nested as deep; what is deeper is left as it is, and refused by its shape. */
const MOST_DEPTH = 10

/**
 * A JSON value with every text of it composed (Unicode NFC). Some systems write Vietnamese with its diacritics apart:
 * what looks the same is then the same, as a name in a sheet or as the kind of document that a rule asks for.
 */
export function composedTexts(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.normalize('NFC')
  if (typeof value !== 'object' || value === null || depth > MOST_DEPTH) return value
  if (Array.isArray(value)) return value.map((each) => composedTexts(each, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, composedTexts(each, depth + 1)]))
}
