import { bodyOf, type Der, DerError, TAG } from './der.ts'

function expectTag(value: Der, tag: number): void {
  if (value.tag !== tag) throw new DerError(`tag ${value.tag}, not ${tag}`)
}

const KNOWN_OIDS = new Map<string, string>()
const MAX_KNOWN_OIDS = 2000

/** Dotted decimal. Takes an implicit tag too: only the contents are read. @throws DerError */
export function oidOf(value: Der): string {
  const body = bodyOf(value)
  if (body.length === 0 || body.length > 64) throw new DerError('object identifier')
  const key = String.fromCharCode(...body)
  const known = KNOWN_OIDS.get(key)
  if (known !== undefined) return known
  const text = dotted(body)
  if (KNOWN_OIDS.size < MAX_KNOWN_OIDS) KNOWN_OIDS.set(key, text)
  return text
}

function dotted(body: Uint8Array): string {
  const arcs: bigint[] = []
  let arc = 0n
  let begins = true
  for (const octet of body) {
    if (begins && octet === 0x80) throw new DerError('object identifier')
    arc = (arc << 7n) | BigInt(octet & 0x7f)
    begins = (octet & 0x80) === 0
    if (!begins) continue
    if (arcs.length === 0) {
      const first = arc < 80n ? arc / 40n : 2n
      arcs.push(first, arc - first * 40n)
    } else arcs.push(arc)
    arc = 0n
  }
  if (!begins) throw new DerError('object identifier')
  return arcs.join('.')
}

/** @throws DerError: DER knows 0x00 and 0xFF only */
export function booleanOf(value: Der): boolean {
  const body = bodyOf(value)
  if (body.length !== 1 || (body[0] !== 0 && body[0] !== 0xff)) throw new DerError('boolean')
  return body[0] === 0xff
}

/** The contents of an INTEGER, which must be the shortest. @throws DerError */
export function integerBytes(value: Der): Uint8Array {
  const body = bodyOf(value)
  if (body.length === 0) throw new DerError('integer')
  if (body.length > 1 && ((body[0] === 0 && body[1]! < 0x80) || (body[0] === 0xff && body[1]! >= 0x80)))
    throw new DerError('integer is not minimal')
  return body
}

/** A number from 0 on; what is larger than 2^31 is answered as that. @throws DerError where it is negative */
export function countOf(value: Der): number {
  const body = integerBytes(value)
  if (body[0]! >= 0x80) throw new DerError('negative')
  if (body.length > 4) return 2 ** 31
  return body.reduce((sum, octet) => sum * 256 + octet, 0)
}

/** An INTEGER as even hex digits without leading zero bytes: serial numbers are compared so. */
export const serialHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('hex')
    .replace(/^(00)+(?=..)/, '')

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

/** UTCTime or GeneralizedTime in the form of RFC 5280 §4.1.2.5: seconds, no fractions, Zulu. @throws DerError */
export function timeOf(value: Der): Date {
  const text = Buffer.from(bodyOf(value)).toString('latin1')
  const utc = value.tag === TAG.utcTime
  if (!utc) expectTag(value, TAG.generalizedTime)
  const parts = (utc ? UTC_TIME : GENERALIZED_TIME).exec(text)
  if (parts === null) throw new DerError('time')
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  const full = utc ? (year < 50 ? 2000 + year : 1900 + year) : year
  const time = new Date(0)
  time.setUTCFullYear(full, month - 1, day)
  time.setUTCHours(hour, minute, second)
  const exists =
    time.getUTCMonth() === month - 1 && time.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  if (!exists) throw new DerError('time')
  return time
}

/** The bits of a BIT STRING, with the count of unused ones at its end. @throws DerError */
export function bitsOf(value: Der): { readonly bytes: Uint8Array; readonly unused: number } {
  const body = bodyOf(value)
  const unused = body[0]
  const last = body.length > 1 ? body[body.length - 1]! : 0
  if (unused === undefined || unused > 7 || (unused > 0 && body.length === 1))
    throw new DerError('bit string')
  if ((last & ((1 << unused) - 1)) !== 0) throw new DerError('unused bits are set')
  return { bytes: body.subarray(1), unused }
}

/** A BIT STRING of whole octets: keys and signature values. @throws DerError */
export function octetsOfBits(value: Der): Uint8Array {
  expectTag(value, TAG.bitString)
  const { bytes, unused } = bitsOf(value)
  if (unused !== 0) throw new DerError('bit string is not of octets')
  return bytes
}

/** Whether bit `index` (from the most significant of the first octet) is set. */
export const bitAt = (bytes: Uint8Array, index: number): boolean =>
  ((bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0

/** The text of a string type; undefined where the type holds no text or the octets are none. */
export function textOf(value: Der): string | undefined {
  const decode = DECODERS[value.tag]
  try {
    return decode?.(bodyOf(value))
  } catch {
    return undefined
  }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf16 = new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true })

function universal(bytes: Uint8Array): string {
  if (bytes.length % 4 !== 0) throw new DerError('UniversalString')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text = ''
  for (let at = 0; at < bytes.length; at += 4) text += String.fromCodePoint(view.getUint32(at))
  return text
}

/** By tag: UTF8String, NumericString, PrintableString, TeletexString, IA5String, VisibleString, UniversalString, BMPString. */
const DECODERS: Readonly<Record<number, (bytes: Uint8Array) => string>> = {
  12: (bytes) => utf8.decode(bytes),
  18: latin1,
  19: latin1,
  20: latin1,
  22: latin1,
  26: latin1,
  28: universal,
  30: (bytes) => utf16.decode(bytes),
}
