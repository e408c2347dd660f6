/**
 * JSON of ASCII alone, everything else as `\u` escapes: the vendor's client reads some answers as US-ASCII. What would
 * become null (also a number that is none) is left out: over one null it loses the whole answer.
 */
export const asciiJson = (value: object): string =>
  JSON.stringify(value, withoutNulls).replace(/[\u007f-\uffff]/g, escaped)

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

function withoutNulls(_key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !becomesNull(item))
  return becomesNull(value) ? undefined : value
}

const becomesNull = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))
