import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { type Sha256, sha256 } from '../../domain/identifiers.ts'
import { DerError } from './der.ts'
import {
  type CertificateExtensions,
  isReadExtension,
  type KeyUsage,
  readKnownExtensions,
} from './extensions.ts'
import { Lru } from './lru.ts'
import type { Name, NamePart } from './name.ts'
import type { SignedWith } from './signed-data.ts'
import type { SubjectKey } from './subject-key.ts'
import { readTbs } from './tbs-certificate.ts'

export { serialHex } from './der-values.ts'
export type { KeyUsage } from './extensions.ts'

/** What Tram needs of an X.509 certificate (RFC 5280), read once. */
export interface Certificate {
  readonly der: Uint8Array
  readonly sha256: Sha256
  readonly x509: X509Certificate
  /** Where node:crypto does not know the kind of key: one that verifies nothing. */
  readonly publicKey: KeyObject
  readonly subject: readonly NamePart[]
  /** DER of the names in hex. */
  readonly subjectDer: string
  readonly issuerDer: string
  /** The names as they are compared. */
  readonly subjectName: Name
  readonly issuerName: Name
  /** Hex of the INTEGER, without leading zero bytes. */
  readonly serial: string
  /** The contents of the INTEGER as they stand: revocation information is looked up by them. */
  readonly serialBytes: Uint8Array
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
  /** 1, 2 or 3. */
  readonly version: number
  readonly extensions: CertificateExtensions
  readonly criticalExtensions: readonly string[]
  /** What is built otherwise than RFC 5280 §4.1 prescribes, in words of this code: such a certificate leads nowhere. */
  readonly malformed: readonly string[]
  readonly key: SubjectKey
  readonly signedWith: SignedWith
  /** What is signed, and the value over it. */
  readonly tbs: Uint8Array
  readonly signature: Uint8Array
}

/** Certificates that were read before, by their SHA-256: agencies come again and again. */
const KNOWN = new Lru<string, Certificate>(1000)

/** Octets of a certificate that is kept: with those of others it must not fill the memory. */
const MAX_KNOWN = 1 << 14

/** DER of a certificate that is larger is nobody's. */
const MAX_CERTIFICATE = 1 << 20

/** An X25519 key: of a kind that signs nothing. */
const NO_KEY = createPublicKey({
  key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), Buffer.alloc(32, 9)]),
  format: 'der',
  type: 'spki',
})

/**
 * Reads one certificate from DER. What follows it is left out; a certificate that was read before is the same object.
 * @throws Error where the bytes are no certificate
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_CERTIFICATE) throw new DerError('too large')
  const digest = createHash('sha256').update(der).digest('hex')
  const known = KNOWN.get(digest)
  if (known !== undefined) return known
  const read = readCertificate(der)
  if (der.length <= MAX_KNOWN) KNOWN.set(read.sha256, read)
  return read
}

function readCertificate(der: Uint8Array): Certificate {
  const x509 = new X509Certificate(der)
  const raw = new Uint8Array(x509.raw)
  const fields = readTbs(raw)
  const { known, malformed } = readKnownExtensions(fields.extensions)
  const critical = fields.extensions.filter((one) => one.critical).map(({ oid }) => oid)
  return {
    der: raw,
    sha256: sha256(createHash('sha256').update(raw).digest('hex')),
    x509,
    publicKey: fields.key.key ?? NO_KEY,
    subject: fields.subjectName.parts,
    subjectDer: hex(fields.subjectName.der),
    issuerDer: hex(fields.issuerName.der),
    subjectName: fields.subjectName,
    issuerName: fields.issuerName,
    serial: fields.serial,
    serialBytes: fields.serialBytes,
    subjectKeyId: known.subjectKeyId,
    notBefore: fields.notBefore,
    notAfter: fields.notAfter,
    signatureOid: fields.signedWith.oid,
    isCa: known.basicConstraints?.ca ?? false,
    pathLength: known.basicConstraints?.pathLength,
    keyUsage: known.keyUsage,
    extendedKeyUsage: known.extendedKeyUsage,
    unreadCritical: critical.filter((oid) => !isReadExtension(oid)),
    version: fields.version,
    extensions: known,
    criticalExtensions: critical,
    malformed: [...fields.malformed, ...malformed.map((oid) => `extension ${oid}`)],
    key: fields.key,
    signedWith: fields.signedWith,
    tbs: fields.tbs,
    signature: fields.signature,
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Whether issuer and subject are the same name (RFC 5280 §3.2): not whether it is signed with its own key. */
export const isSelfIssued = (one: Certificate): boolean => one.subjectName.key === one.issuerName.key

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
