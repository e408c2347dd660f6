import { createHash, type KeyObject } from 'node:crypto'
import { algorithmName, isStrong, keyFits, type SignatureAlgorithm } from '../algorithms.ts'
import { failed, type Notes, noteInvalid, passed, SignatureStop, unverifiable } from '../checks.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { NamedCertificate } from './xades-properties.ts'
import type { KeyMaterial } from './xmldsig-keys.ts'
import { noteStop } from './xmldsig-references.ts'
import type { SignedInfo } from './xmldsig-signed-info.ts'
import { fitsXml, isKnownCurve } from './xmldsig-value.ts'

/** Keys that are tried for the signature value, at most. */
const MAX_CANDIDATES = 8

interface Candidate {
  readonly key: KeyObject
  readonly certificate: Certificate | undefined
}

export interface Keys {
  /** The one key that counts, where one is given from outside. */
  readonly given: KeyObject | Certificate | undefined
  readonly keyInfo: KeyMaterial
  /** Certificates among the validation data: of use where the signed properties name one of them. */
  readonly others: readonly Certificate[]
}

/**
 * Finds the key that made the value and whose it is. Where the signed properties name a certificate, it must be that
 * one (ETSI EN 319 132-1 §5.2.2): another certificate over the same key must not take its place. A bare key of KeyInfo
 * tells whether the value fits and leaves the signer unknown.
 */
export function checkSigner(
  info: SignedInfo,
  value: Uint8Array,
  keys: Keys,
  named: readonly NamedCertificate[],
  notes: Notes,
): void {
  const { algorithm } = info
  if (algorithm instanceof SignatureStop) {
    noteStop(notes, algorithm)
    return
  }
  notes.signatureAlgorithm = algorithmName(algorithm)
  const { found, certificates } = keys.keyInfo
  // Readers differ in which certificate of a damaged list they take.
  if (keys.given === undefined && found > certificates.length) {
    noteStop(notes, unverifiable('signing-certificate', 'certificate-unusable'))
    return
  }
  const candidates = candidatesOf(keys, named, notes)
  const usable = candidates
    .filter(({ key }) => keyFits(algorithm, key) && isKnownCurve(key))
    .slice(0, MAX_CANDIDATES)
  if (usable.length === 0) {
    noteStop(notes, noKey(keys, candidates, algorithm))
    return
  }
  const maker = usable.find(({ key }) => fitsXml(algorithm, key, info.octets, value))
  notes.valueIntact = maker !== undefined
  noteMaker(maker ?? usable[0]!, algorithm, keys, named, notes)
  if (maker !== undefined) notes.checks.push(passed('signature-value'))
  else noteInvalid(notes, failed('signature-value', 'value-mismatch'))
}

function candidatesOf(
  { given, keyInfo, others }: Keys,
  named: readonly NamedCertificate[],
  notes: Notes,
): Candidate[] {
  notes.embedded.push(...keyInfo.certificates)
  notes.crls.push(...keyInfo.crls)
  if (given !== undefined) {
    const certificate = 'x509' in given ? given : undefined
    return [{ key: 'x509' in given ? given.publicKey : given, certificate }]
  }
  const all = [...keyInfo.certificates, ...others.filter((one) => isNamed(one, named))]
  const first = all.filter((one) => isNamed(one, named))
  const rest = keyInfo.certificates.filter((one) => !first.includes(one))
  return [
    ...[...first, ...rest].map((certificate) => ({ key: certificate.publicKey, certificate })),
    ...keyInfo.keys.map((key) => ({ key, certificate: undefined })),
  ]
}

function noKey(
  { keyInfo }: Keys,
  candidates: readonly Candidate[],
  algorithm: SignatureAlgorithm,
): SignatureStop {
  const curve = candidates.find(({ key }) => !isKnownCurve(key))?.key.asymmetricKeyDetails?.namedCurve
  if (curve !== undefined) return unverifiable('algorithm', 'algorithm-refused', curve)
  if (candidates.length > 0) return unverifiable('algorithm', 'key-mismatch', algorithmName(algorithm))
  const reason = keyInfo.found === 0 ? 'certificate-missing' : 'certificate-unusable'
  return unverifiable('signing-certificate', reason)
}

function noteMaker(
  { key, certificate }: Candidate,
  algorithm: SignatureAlgorithm,
  { given }: Keys,
  named: readonly NamedCertificate[],
  notes: Notes,
): void {
  if (!isStrong(algorithm, key)) notes.strong = false
  if (certificate !== undefined) notes.signer = certificate
  else if (given === undefined) noteStop(notes, unverifiable('signing-certificate', 'certificate-missing'))
  if (certificate === undefined || named.length === 0) return
  if (isNamed(certificate, named)) notes.checks.push(passed('signing-certificate'))
  else noteStop(notes, unverifiable('signing-certificate', 'certificate-mismatch'))
}

const isNamed = (one: Certificate, named: readonly NamedCertificate[]): boolean =>
  named.some(({ hash, digest }) => createHash(hash).update(one.der).digest().equals(digest))
