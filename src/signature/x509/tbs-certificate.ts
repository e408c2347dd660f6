import { type Der, DerError, DerReader, insideOf, readDer, TAG, wholeOf } from './der.ts'
import { bitsOf, countOf, integerBytes, serialHex, timeOf } from './der-values.ts'
import { EXTENSION, type Extension, readExtensions } from './extensions.ts'
import { type Name, readName } from './name.ts'
import { readSignedWith, type SignedWith } from './signed-data.ts'
import { readSubjectKey, type SubjectKey } from './subject-key.ts'

/** The fields of a certificate (RFC 5280 §4.1), before anything is said of its extensions. */
export interface CertificateFields {
  readonly tbs: Uint8Array
  readonly version: number
  readonly serial: string
  readonly serialBytes: Uint8Array
  readonly signedWith: SignedWith
  readonly issuerName: Name
  readonly notBefore: Date
  readonly notAfter: Date
  readonly subjectName: Name
  readonly key: SubjectKey
  readonly extensions: readonly Extension[]
  readonly signature: Uint8Array
  /** What is not as the standard has it, in words of this code. */
  readonly malformed: readonly string[]
}

/** @throws DerError where the structure is not that of a certificate */
export function readTbs(der: Uint8Array): CertificateFields {
  const outer = new DerReader(readDer(der))
  const tbs = outer.take(TAG.sequence)
  const signedWith = readSignedWith(outer.take(TAG.sequence))
  const value = bitsOf(outer.take(TAG.bitString))
  outer.finish()
  const reader = new DerReader(tbs)
  const version = readVersion(reader.optional(0xa0))
  const serial = integerBytes(reader.take(TAG.integer))
  const inner = readSignedWith(reader.take(TAG.sequence))
  const issuerName = readName(reader.take())
  const validity = new DerReader(reader.take())
  const [notBefore, notAfter] = [timeOf(validity.take()), timeOf(validity.take())]
  validity.finish()
  const subjectName = readName(reader.take())
  const key = readSubjectKey(reader.take())
  const ids = [reader.optional(0x81), reader.optional(0x82)].filter((one) => one !== undefined)
  const tagged = reader.optional(0xa3)
  reader.finish()
  const extensions = tagged === undefined ? [] : readExtensions(insideOf(tagged, TAG.sequence))
  const malformed = [
    ...(inner.hex === signedWith.hex ? [] : ['algorithm of the signature inside and outside']),
    ...versionFaults(version, extensions.length > 0, ids.length > 0),
    ...extensionFaults(extensions, subjectName),
    ...(value.unused === 0 ? [] : ['signature value']),
    ...(key.parametersFit ? [] : ['parameters of the key']),
    ...(serial.length > 21 ? ['serial number'] : []),
  ]
  const fields = {
    tbs: wholeOf(tbs),
    version,
    serial: serialHex(serial),
    serialBytes: serial,
    signedWith,
    issuerName,
    notBefore,
  }
  return { ...fields, notAfter, subjectName, key, extensions, signature: value.bytes, malformed }
}

/** Absent is version 1. An explicit version 1 is no DER, but plain. */
function readVersion(tagged: Der | undefined): number {
  if (tagged === undefined) return 1
  const version = countOf(insideOf(tagged, TAG.integer)) + 1
  if (version > 3) throw new DerError('version')
  return version
}

function versionFaults(version: number, hasExtensions: boolean, hasIds: boolean): string[] {
  return (hasExtensions && version !== 3) || (hasIds && version === 1) ? ['version'] : []
}

function extensionFaults(extensions: readonly Extension[], subject: Name): string[] {
  const oids = extensions.map(({ oid }) => oid)
  const twice = oids
    .filter((oid, index) => oids.indexOf(oid) !== index)
    .map((oid) => `extension twice ${oid}`)
  const nameless = subject.rdns.length === 0
  const alternative = extensions.some(({ oid }) => oid === EXTENSION.subjectAltName)
  return nameless && !alternative ? [...twice, 'no subject'] : twice
}
