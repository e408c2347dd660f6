import { createHash, type KeyObject, X509Certificate } from 'node:crypto'
import { BitString, fromBER } from 'asn1js'
import * as pkijs from 'pkijs'
import { type Sha256, sha256 } from '../../domain/identifiers.ts'
import { type NamePart, nameParts } from './name.ts'

/** KeyUsage bits of RFC 5280 §4.2.1.3, by position. */
const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const
export type KeyUsage = (typeof KEY_USAGES)[number]

/** What Tram needs of an X.509 certificate (RFC 5280), read once. */
export interface Certificate {
  readonly der: Uint8Array
  readonly sha256: Sha256
  readonly x509: X509Certificate
  readonly publicKey: KeyObject
  readonly subject: readonly NamePart[]
  /** DER of the names in hex: names are compared as bytes. */
  readonly subjectDer: string
  readonly issuerDer: string
  readonly serial: string
  readonly subjectKeyId: string | undefined
  readonly notBefore: Date
  readonly notAfter: Date
  readonly signatureOid: string
  readonly isCa: boolean
  readonly pathLength: number | undefined
  /** Undefined where the extension is absent: every use is then allowed. */
  readonly keyUsage: ReadonlySet<KeyUsage> | undefined
  readonly extendedKeyUsage: readonly string[] | undefined
  /** Critical extensions that no rule here reads: RFC 5280 §4.2 has such a certificate refused. */
  readonly unreadCritical: readonly string[]
}

const BASIC_CONSTRAINTS = '2.5.29.19'
const KEY_USAGE = '2.5.29.15'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SUBJECT_KEY_ID = '2.5.29.14'
/** Read here, or without bearing on a plain path: subjectAltName, certificatePolicies (stated as not checked). */
const READ = new Set([BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE, '2.5.29.17', '2.5.29.32'])

const hex = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(bytes as Uint8Array).toString('hex')

/**
 * Reads one certificate from DER.
 * @throws Error where the bytes are no certificate, or its key is of a kind that node:crypto does not know
 */
export function parseCertificate(der: Uint8Array): Certificate {
  const x509 = new X509Certificate(der)
  const raw = new Uint8Array(x509.raw)
  const parsed = pkijs.Certificate.fromBER(raw)
  const extensions = parsed.extensions ?? []
  const find = (oid: string) => extensions.find((extension) => extension.extnID === oid)?.parsedValue
  const constraints = find(BASIC_CONSTRAINTS)
  return {
    der: raw,
    sha256: sha256(createHash('sha256').update(raw).digest('hex')),
    x509,
    publicKey: x509.publicKey,
    subject: nameParts(parsed.subject),
    subjectDer: hex(parsed.subject.valueBeforeDecode),
    issuerDer: hex(parsed.issuer.valueBeforeDecode),
    serial: serialHex(parsed.serialNumber.valueBlock.valueHexView),
    subjectKeyId: subjectKeyId(extensions),
    notBefore: parsed.notBefore.value,
    notAfter: parsed.notAfter.value,
    signatureOid: parsed.signatureAlgorithm.algorithmId,
    isCa: constraints instanceof pkijs.BasicConstraints && constraints.cA,
    pathLength: pathLength(constraints),
    keyUsage: keyUsage(extensions),
    extendedKeyUsage: extendedKeyUsage(extensions),
    unreadCritical: extensions
      .filter((one) => one.critical && !READ.has(one.extnID))
      .map((one) => one.extnID),
  }
}

/** A serial number as an even number of hex digits without leading zero bytes. */
export const serialHex = (bytes: Uint8Array): string => hex(bytes).replace(/^(00)+(?=..)/, '')

function pathLength(constraints: unknown): number | undefined {
  if (!(constraints instanceof pkijs.BasicConstraints)) return undefined
  const limit = constraints.pathLenConstraint
  if (limit === undefined) return undefined
  return typeof limit === 'number' ? limit : Number(limit.toBigInt())
}

function keyUsage(extensions: readonly pkijs.Extension[]): ReadonlySet<KeyUsage> | undefined {
  const extension = extensions.find((one) => one.extnID === KEY_USAGE)
  if (extension === undefined) return undefined
  const { result } = fromBER(extension.extnValue.valueBlock.valueHexView)
  if (!(result instanceof BitString)) return new Set()
  const bits = result.valueBlock.valueHexView
  return new Set(KEY_USAGES.filter((_, index) => ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0))
}

/** One that is there and cannot be read allows nothing. */
function extendedKeyUsage(extensions: readonly pkijs.Extension[]): readonly string[] | undefined {
  const extension = extensions.find((one) => one.extnID === EXTENDED_KEY_USAGE)
  if (extension === undefined) return undefined
  return extension.parsedValue instanceof pkijs.ExtKeyUsage ? extension.parsedValue.keyPurposes : []
}

function subjectKeyId(extensions: readonly pkijs.Extension[]): string | undefined {
  const extension = extensions.find((one) => one.extnID === SUBJECT_KEY_ID)
  // An OCTET STRING inside the extension's OCTET STRING: tag and length take two bytes.
  return extension && hex(extension.extnValue.valueBlock.valueHexView.subarray(2))
}

/** Reads what can be read; a certificate that cannot is no help and no harm. */
export function parseCertificates(ders: readonly Uint8Array[]): Certificate[] {
  return ders.flatMap((der) => {
    try {
      return [parseCertificate(der)]
    } catch {
      return []
    }
  })
}
