import { AxisFault, oneLine, storable } from './axis-fault.ts'

/** Characters. Longer names and titles are cut; longer numbers of packets are none. */
const LONGEST_TEXT = 4000
const LONGEST_ID = 500

/** The fields of a JSON object, found by their names in any case and with or without underscores; null is no field. */
export type Fields = ReadonlyMap<string, unknown>

/** Of names as they are written: lists write the same ones for each item. Others may write any: only some are kept. */
const FOLDED = new Map<string, string>()
const MOST_FOLDED = 1_000
const LONGEST_FOLDED = 50

function folded(name: string): string {
  const known = FOLDED.get(name)
  if (known !== undefined) return known
  const fold = name.toLowerCase().replaceAll('_', '')
  if (FOLDED.size < MOST_FOLDED && name.length <= LONGEST_FOLDED) FOLDED.set(name, fold)
  return fold
}

/** @throws AxisFault `answer-invalid` where the value is no object */
export function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AxisFault('answer-invalid', `not an object: ${JSON.stringify(value)?.slice(0, 200)}`)
  }
  const fields = new Map<string, unknown>()
  for (const [name, content] of Object.entries(value)) {
    const fold = folded(name)
    if (content !== null && !fields.has(fold)) fields.set(fold, content)
  }
  return fields
}

/**
 * Text of a field, empty where there is none, and cut where it is longer than texts for people are. Numbers and booleans are taken for texts; a number that JSON cannot hold
 * exactly is not, for it would name something else.
 * @throws AxisFault `answer-invalid`
 */
export const textOf = (fields: Fields, name: string): string =>
  storable(wholeTextOf(fields, name).slice(0, LONGEST_TEXT))

/** The same, never cut: of what is decoded, a part is worth nothing. @throws AxisFault `answer-invalid` */
export function wholeTextOf(fields: Fields, name: string): string {
  const value = fields.get(folded(name)) ?? ''
  const isText =
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && isExact(value))
  if (!isText)
    throw new AxisFault('answer-invalid', `${name} is no text: ${JSON.stringify(value)?.slice(0, 200)}`)
  return String(value).trim()
}

const isExact = (value: number): boolean => !Number.isInteger(value) || Number.isSafeInteger(value)

/**
 * What names a packet or an agency: it is sent back in headers.
 * @throws AxisFault `answer-invalid` where it is missing, too long, or holds control characters
 */
export function idOf(fields: Fields, name: string): string {
  const id = wholeTextOf(fields, name)
  if (id === '' || id.length > LONGEST_ID || /[\p{Cc}\p{Cs}]/u.test(id)) {
    throw new AxisFault('answer-invalid', `${name} is missing or none: ${oneLine(id).slice(0, 100)}`)
  }
  return id
}

/** The number of a field, 0 where there is none. @throws AxisFault `answer-invalid` */
export function countOf(fields: Fields, name: string): number {
  const text = textOf(fields, name)
  const count = text === '' ? 0 : Number(text)
  if (!Number.isSafeInteger(count) || count < 0)
    throw new AxisFault('answer-invalid', `${name} is no number: ${text}`)
  return count
}

const TRUE = new Set(['true', '1', 'y', 'yes'])

/** @param missing what holds where there is no such field */
export function flagOf(fields: Fields, name: string, missing: boolean): boolean {
  const text = textOf(fields, name).toLowerCase()
  return text === '' ? missing : TRUE.has(text)
}
