/*
 * Writes DER (X.690 §10): the few types that requests to trust services are made of. Reading is another matter, see
 * formats/asn1.ts.
 */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const

/** A value under its tag, with a definite length. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const head =
    length < 0x80 ? [tag, length] : [tag, 0x80 | lengthOctets(length).length, ...lengthOctets(length)]
  return Buffer.concat([Uint8Array.from(head), ...parts])
}

const lengthOctets = (length: number): number[] =>
  length === 0 ? [] : [...lengthOctets(Math.floor(length / 256)), length % 256]

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(TAG.sequence, ...parts)
export const octetString = (bytes: Uint8Array): Buffer => tlv(TAG.octetString, bytes)
export const boolean = (value: boolean): Buffer => tlv(TAG.boolean, Uint8Array.of(value ? 0xff : 0))
export const nullValue = (): Buffer => tlv(TAG.null)

/** A SET OF, its members in the order that DER wants (X.690 §11.6). */
export const setOf = (...members: readonly Uint8Array[]): Buffer =>
  tlv(TAG.set, ...[...members].sort(Buffer.compare))

/** A context-specific tag, constructed: explicit around one value, or implicit for a structure. */
export const context = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  tlv(0xa0 | number, ...parts)

/** A number that is not negative. @param value its octets, big-endian, or the number itself */
export function integer(value: number | Uint8Array): Buffer {
  const octets = Buffer.from(typeof value === 'number' ? lengthOctets(value) : value)
  const first = octets.findIndex((octet) => octet !== 0)
  const magnitude = first < 0 ? Buffer.alloc(1) : octets.subarray(first)
  const sign = magnitude[0]! >= 0x80 ? [Buffer.alloc(1)] : []
  return tlv(TAG.integer, ...sign, magnitude)
}

/** @param dotted such as `1.2.840.113549` */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tlv(TAG.oid, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)))
}

const base128 = (arc: number): number[] => {
  const octets = [arc % 128]
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
    octets.unshift((left % 128) | 0x80)
  return octets
}
