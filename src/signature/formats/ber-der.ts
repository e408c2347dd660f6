import { type Ber, BerError, childrenOf, joined, TAG } from './ber.ts'

/** Strings that BER lets stand in pieces, and DER does not. */
const STRINGS = new Set<number>([TAG.octetString, TAG.utf8String, 18, 19, 20, 22, 26, 27, 28, 30])
const MAX_DEPTH = 64

/**
 * The DER of a value (X.690 §10, §11): definite lengths, strings in one piece, sets in order. Values inside primitive
 * ones (BOOLEAN, INTEGER) are left as they stand.
 * @throws BerError where the contents are no BER or lie too deep
 */
export function derOf(node: Ber): Buffer {
  return encode(node, 0)
}

function encode(node: Ber, depth: number): Buffer {
  if (depth > MAX_DEPTH) throw new BerError('not BER: too deep')
  const first = node.raw[0] ?? 0
  if (!node.constructed) return tagged(first, node.content)
  if (node.tagClass === 0 && STRINGS.has(node.tag)) {
    return tagged(first & ~0x20, joined(node))
  }
  const children = childrenOf(node).map((one) => encode(one, depth + 1))
  const isSet = node.tagClass === 0 && node.tag === TAG.set
  return isSet ? derSetOf(children) : tagged(first, Buffer.concat(children))
}

/** A SET OF in the order of DER (X.690 §11.6). */
export const derSetOf = (members: readonly Uint8Array[]): Buffer =>
  tagged(0x31, Buffer.concat([...members].sort(Buffer.compare)))

/** A value of a one-byte tag. */
export const tagged = (tag: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([tag]), derLength(content.length), content])

export function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const digits = length.toString(16)
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}
