import { serialHex } from '../x509/certificate.ts'
import {
  type Ber,
  childrenOf,
  fieldsOf,
  isContext,
  isUniversal,
  joined,
  octetsOf,
  oidOf,
  readBer,
  TAG,
} from './ber.ts'
import { type AttributeList, readAttributes } from './cms-attributes.ts'

export const SIGNED_DATA = '1.2.840.113549.1.7.2'
export const ID_DATA = '1.2.840.113549.1.7.1'

/** Which certificate: by issuer (DER in hex) and serial number (hex), or by subject key identifier (hex). */
export type SignerId = { readonly issuerDer: string; readonly serial: string } | { readonly keyId: string }

/** A SignerInfo of CMS (RFC 5652 §5.3). */
export interface SignerInfo {
  readonly sid: SignerId
  readonly digestOid: string
  readonly digestParameters: readonly Ber[]
  readonly signatureOid: string
  readonly signatureParameters: Ber | undefined
  readonly signature: Buffer
  /** Undefined where there are no signed attributes. */
  readonly signedAttributes: AttributeList | undefined
  readonly unsignedAttributes: AttributeList
  /** Its fields as they stand, in order. */
  readonly fields: readonly Ber[]
}

export interface SignedData {
  readonly contentType: string
  /** Undefined where the content is detached, or is no OCTET STRING (PKCS #7 v1.5 let it be anything). */
  readonly content: Buffer | undefined
  /** Whether content stands inside, readable or not. */
  readonly isAttached: boolean
  /** CertificateSet (§10.2.3): plain X.509 certificates, as they stand. */
  readonly certificates: readonly Uint8Array[]
  /** RevocationInfoChoices (§10.2.1): CertificateLists, and others as their [1] stands. */
  readonly revocations: readonly Ber[]
  readonly signers: readonly SignerInfo[]
  /** Of the fields of SignedData, as they stand, in order. */
  readonly fields: readonly Ber[]
  /** Length of the whole in bytes; a PDF pads what follows. */
  readonly length: number
}

/**
 * Reads a ContentInfo with SignedData (RFC 5652 §3, §5.1), BER or DER.
 * @throws Error where it is none
 */
export function readSignedData(bytes: Uint8Array): SignedData {
  const node = readBer(bytes)
  const [type, wrapped, ...excess] = fieldsOf(node)
  if (oidOf(type) !== SIGNED_DATA || !isContext(wrapped, 0) || excess.length > 0)
    throw new Error('not SignedData')
  const inner = childrenOf(wrapped)
  if (inner.length !== 1) throw new Error('not SignedData')
  return { ...readFields(fieldsOf(inner[0])), length: node.raw.length }
}

/** SignedData ::= SEQUENCE { version, digestAlgorithms, encapContentInfo, [0] certificates?, [1] crls?, signerInfos }. */
function readFields(fields: readonly Ber[]): Omit<SignedData, 'length'> {
  const [version, digests, encapsulated, ...rest] = fields
  if (!isUniversal(version, TAG.integer) || !isUniversal(digests, TAG.set)) throw new Error('not SignedData')
  const certificates = isContext(rest[0], 0) ? rest.shift() : undefined
  const revocations = isContext(rest[0], 1) ? rest.shift() : undefined
  const [signers, ...excess] = rest
  if (!isUniversal(signers, TAG.set) || excess.length > 0) throw new Error('SignedData without signerInfos')
  const [contentType, content, ...more] = fieldsOf(encapsulated)
  if (more.length > 0 || (content !== undefined && !isContext(content, 0)))
    throw new Error('encapContentInfo')
  return {
    contentType: required(oidOf(contentType), 'eContentType'),
    content: content && octetsOf(single(childrenOf(content))),
    isAttached: content !== undefined,
    certificates: childrenOf(certificates)
      .filter((one) => isUniversal(one, TAG.sequence))
      .map(({ raw }) => raw),
    revocations: childrenOf(revocations),
    signers: childrenOf(signers).map(readSigner),
    fields,
  }
}

const single = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined)

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`SignedData without ${name}`)
  return value
}

/**
 * Reads one SignerInfo.
 * @throws Error where it is none
 */
export function readSigner(node: Ber): SignerInfo {
  const fields = fieldsOf(node)
  const [version, sid, digest, ...rest] = fields
  if (!isUniversal(version, TAG.integer)) throw new Error('SignerInfo')
  const attributes = isContext(rest[0], 0) ? rest.shift() : undefined
  const [algorithm, signature, unsigned, ...excess] = rest
  if (excess.length > 0 || (unsigned !== undefined && !isContext(unsigned, 1))) throw new Error('SignerInfo')
  const [digestOid, ...digestParameters] = fieldsOf(digest)
  const [signatureOid, signatureParameters, ...more] = fieldsOf(algorithm)
  if (more.length > 0) throw new Error('SignerInfo')
  return {
    sid: readSid(required(sid, 'sid')),
    digestOid: required(oidOf(digestOid), 'digestAlgorithm'),
    digestParameters,
    signatureOid: required(oidOf(signatureOid), 'signatureAlgorithm'),
    signatureParameters,
    signature: required(octetsOf(signature), 'signature'),
    signedAttributes: attributes && readAttributes(attributes),
    unsignedAttributes: readAttributes(unsigned),
    fields,
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function readSid(node: Ber): SignerId {
  if (isContext(node, 0)) return { keyId: hex(joined(node)) }
  const [issuer, serial, ...excess] = fieldsOf(node)
  if (issuer === undefined || !isUniversal(serial, TAG.integer) || excess.length > 0)
    throw new Error('SignerInfo without sid')
  return { issuerDer: hex(issuer.raw), serial: serialHex(serial.content) }
}
