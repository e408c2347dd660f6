import { createPublicKey, type KeyObject } from 'node:crypto'
import { attributeOf, childElements, type XmlElementNode } from '../../xml/nodes.ts'
import { decodeBase64 } from './xmldsig-tree.ts'

/** A public key written out (XML-Signature 1.1 §4.5.2); undefined where it is of another kind or is none. */
export function readKeyValue(element: XmlElementNode): KeyObject | undefined {
  const [value] = childElements(element)
  const read = value && Object.hasOwn(KINDS, value.local) ? KINDS[value.local] : undefined
  try {
    return read?.(value!)
  } catch {
    return undefined
  }
}

const KINDS: Readonly<Record<string, (value: XmlElementNode) => KeyObject | undefined>> = {
  RSAKeyValue: (value) =>
    createPublicKey({
      format: 'jwk',
      key: { kty: 'RSA', n: url(number(value, 'Modulus')), e: url(number(value, 'Exponent')) },
    }),
  ECKeyValue: ecKey,
  DSAKeyValue: dsaKey,
}

const CURVES: Readonly<Record<string, readonly [name: string, bytes: number]>> = {
  'urn:oid:1.2.840.10045.3.1.7': ['P-256', 32],
  'urn:oid:1.3.132.0.34': ['P-384', 48],
  'urn:oid:1.3.132.0.35': ['P-521', 66],
}

function ecKey(value: XmlElementNode): KeyObject | undefined {
  const [named, point] = childElements(value)
  const curve = CURVES[(named && attributeOf(named, 'URI')) ?? '']
  const bytes = point && bytesOf(point)
  if (curve === undefined || bytes === undefined || bytes[0] !== 4 || bytes.length !== 1 + 2 * curve[1])
    return undefined
  const [crv, size] = curve
  const key = { kty: 'EC', crv, x: url(bytes.subarray(1, 1 + size)), y: url(bytes.subarray(1 + size)) }
  return createPublicKey({ format: 'jwk', key })
}

/** RFC 3279 §2.3.2. */
function dsaKey(value: XmlElementNode): KeyObject {
  const parameters = tlv(
    0x30,
    ['P', 'Q', 'G'].map((name) => integer(number(value, name))),
  )
  const algorithm = tlv(0x30, [Buffer.from('06072a8648ce380401', 'hex'), parameters])
  const bits = tlv(0x03, [Buffer.of(0), integer(number(value, 'Y'))])
  return createPublicKey({ key: tlv(0x30, [algorithm, bits]), format: 'der', type: 'spki' })
}

const integer = (bytes: Buffer): Buffer =>
  tlv(0x02, [bytes[0]! & 0x80 ? Buffer.of(0) : Buffer.alloc(0), bytes])

function tlv(tag: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...head), body])
}

/** A ds:CryptoBinary, without leading zeros. @throws Error where it is not there */
function number(value: XmlElementNode, name: string): Buffer {
  const element = childElements(value).find(({ local }) => local === name)
  const bytes = element && bytesOf(element)
  const start = bytes?.findIndex((byte) => byte !== 0) ?? -1
  if (bytes === undefined || start < 0) throw new Error(`no ${name}`)
  return bytes.subarray(start)
}

function bytesOf({ children }: XmlElementNode): Buffer | undefined {
  if (children.some(({ kind }) => kind !== 'text')) return undefined
  return decodeBase64(children.map((node) => (node.kind === 'text' ? node.value : '')).join(''))
}

const url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
