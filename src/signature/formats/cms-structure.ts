import { Set as Asn1Set, GeneralizedTime, Integer, UTCTime } from 'asn1js'
import { serialHex } from '../x509/certificate.ts'
import { type Asn1, bytesOf, childrenOf, isContext, octetsOf, oidOf, parseBer } from './asn1.ts'

export const SIGNED_DATA = '1.2.840.113549.1.7.2'
export const ID_DATA = '1.2.840.113549.1.7.1'

/** A SignerInfo of CMS (RFC 5652 §5.3). */
export interface SignerInfo {
  /** Which certificate: by issuer (DER in hex) and serial number (hex), or by subject key identifier (hex). */
  readonly sid: { readonly issuerDer: string; readonly serial: string } | { readonly keyId: string }
  readonly digestOid: string
  readonly signatureOid: string
  readonly signatureParameters: Asn1 | undefined
  readonly signature: Buffer
  /** Values by attribute type, in order; undefined where there are no signed attributes. */
  readonly signedAttributes: ReadonlyMap<string, readonly Asn1[]> | undefined
  /** What the value is over, where there are signed attributes: their DER as a SET OF (§5.4). */
  readonly attributesDer: Buffer | undefined
  readonly hasUnsignedAttributes: boolean
}

export interface SignedData {
  readonly contentType: string
  /** Undefined where the content is detached. */
  readonly content: Buffer | undefined
  readonly certificates: readonly Uint8Array[]
  readonly signers: readonly SignerInfo[]
  /** Length of the whole in bytes; a PDF pads what follows. */
  readonly length: number
}

/**
 * Reads a ContentInfo with SignedData (RFC 5652 §3, §5.1), BER or DER.
 * @throws Error where it is none
 */
export function readSignedData(bytes: Uint8Array): SignedData {
  const { node, length } = parseBer(bytes)
  const [type, wrapped] = childrenOf(node)
  if (oidOf(type) !== SIGNED_DATA || !isContext(wrapped, 0)) throw new Error('not SignedData')
  const [, , encapsulated, ...rest] = childrenOf(childrenOf(wrapped)[0])
  const [contentType, content] = childrenOf(encapsulated)
  const signers = rest.find((one) => one instanceof Asn1Set)
  const certificates = childrenOf(rest.find((one) => isContext(one, 0)))
  return {
    contentType: required(oidOf(contentType), 'eContentType'),
    content: content && required(octetsOf(childrenOf(content)[0]), 'eContent'),
    certificates: certificates.filter((one) => one.idBlock.tagClass === 1).map(bytesOf),
    signers: childrenOf(required(signers, 'signerInfos')).map(readSigner),
    length,
  }
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`SignedData without ${name}`)
  return value
}

function readSigner(node: Asn1): SignerInfo {
  const [, sid, digest, ...rest] = childrenOf(node)
  const attributes = isContext(rest[0], 0) ? rest.shift() : undefined
  const [algorithm, signature, unsigned] = rest
  const [signatureOid, signatureParameters] = childrenOf(algorithm)
  return {
    sid: readSid(required(sid, 'sid')),
    digestOid: required(oidOf(childrenOf(digest)[0]), 'digestAlgorithm'),
    signatureOid: required(oidOf(signatureOid), 'signatureAlgorithm'),
    signatureParameters,
    signature: required(octetsOf(signature), 'signature'),
    signedAttributes: attributes && readAttributes(attributes),
    attributesDer: attributes && derOf(attributes),
    hasUnsignedAttributes: unsigned !== undefined,
  }
}

function readSid(node: Asn1): SignerInfo['sid'] {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  if (isContext(node, 0)) return { keyId: hex(bytesOf(node).subarray(2)) }
  const [issuer, serial] = childrenOf(node)
  if (issuer === undefined || !(serial instanceof Integer)) throw new Error('SignerInfo without sid')
  return { issuerDer: hex(bytesOf(issuer)), serial: serialHex(serial.valueBlock.valueHexView) }
}

/** Values of a type that stands twice are taken together, so that whoever wants a single one sees that there are two. */
function readAttributes(node: Asn1): Map<string, readonly Asn1[]> {
  const found = new Map<string, readonly Asn1[]>()
  for (const attribute of childrenOf(node)) {
    const [type, values] = childrenOf(attribute)
    const oid = required(oidOf(type), 'attribute type')
    found.set(oid, [...(found.get(oid) ?? []), ...childrenOf(values)])
  }
  return found
}

/** The IMPLICIT [0] becomes SET OF (tag 0x31). A length of indefinite form is written out; DER has none. */
function derOf(attributes: Asn1): Buffer {
  const bytes = Buffer.from(bytesOf(attributes))
  if (bytes[1] !== 0x80) {
    bytes[0] = 0x31
    return bytes
  }
  const members = childrenOf(attributes)
    .map((one) => Buffer.from(bytesOf(one)))
    .sort(Buffer.compare)
  const content = Buffer.concat(members)
  return Buffer.concat([Buffer.from([0x31]), derLength(content.length), content])
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const hex = length.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

/** UTCTime or GeneralizedTime as ISO 8601. */
export function timeOf(node: Asn1 | undefined): string | undefined {
  if (!(node instanceof UTCTime || node instanceof GeneralizedTime)) return undefined
  const time = node.toDate()
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}
