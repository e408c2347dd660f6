/**
 * JSON of ASCII alone, everything else as `\u` escapes: the vendor's client reads some answers as US-ASCII. What would
 * become null (also a number that is none) is left out: over one null it loses the whole answer.
 */
export function asciiJson(value: object): string {
  const text = JSON.stringify(value)
  // A list may be long, and calling back for each of its values costs twice as much.
  const clean = text.includes('null') ? JSON.stringify(value, withoutNulls) : text
  return clean.replace(/[\u007f-\uffff]/g, escaped)
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

function withoutNulls(_key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !becomesNull(item))
  return becomesNull(value) ? undefined : value
}

const becomesNull = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))
