import { createHash } from 'node:crypto'
import type { XmlElement } from 'libxml2-wasm'
import { algorithmName, fits, HASHES, type HashName, hashByXml, isStrong, keyFits } from '../algorithms.ts'
import { failed, type Notes, noteInvalid, passed, unverifiable } from '../checks.ts'
import { type Certificate, parseCertificates } from '../x509/certificate.ts'
import type { SignedInfo } from './xmldsig-signed-info.ts'
import { base64Of, childElements, isDsig, plainText } from './xmldsig-tree.ts'

const XADES = /^http:\/\/uri\.etsi\.org\/01903\/v1\.[34]\.\d#$/

/** Certificates that are tried for the signature value, at most. */
const MAX_CANDIDATES = 8

/** The certificates of KeyInfo, the signer's own first where the order can be told. */
export function keyInfoCertificates(keyInfo: XmlElement | undefined): { found: number; read: Certificate[] } {
  const elements = (keyInfo === undefined ? [] : childElements(keyInfo))
    .filter((child) => isDsig(child, 'X509Data'))
    .flatMap((data) => childElements(data).filter((child) => isDsig(child, 'X509Certificate')))
  const read = parseCertificates(elements.map(derOf))
  const issuesAnother = (one: Certificate) =>
    read.some((other) => other !== one && other.issuerDer === one.subjectDer)
  return {
    found: elements.length,
    read: [...read].sort((a, b) => Number(issuesAnother(a)) - Number(issuesAnother(b))),
  }
}

const derOf = (element: XmlElement): Buffer => Buffer.from(plainText(element), 'base64')

/** What the signature says of itself in properties that it covers: the signing time and which certificate it is by. */
export interface SignedProperties {
  readonly signingTime: string | undefined
  readonly certificateDigest: { readonly hash: HashName; readonly value: Buffer } | undefined
}

/** Reads the properties inside the given elements of the signature: all of them must be covered by a reference. */
export function readSignedProperties(covered: readonly XmlElement[]): SignedProperties {
  const all = covered.flatMap((element) => [element, ...(element.find('.//*') as XmlElement[])])
  const time = all.find(({ name }) => name === 'SigningTime')
  const holder = all.find(
    ({ name, namespaceUri }) => /^SigningCertificate(V2)?$/.test(name) && XADES.test(namespaceUri),
  )
  const digest = holder?.get("./*[local-name()='Cert'][1]/*[local-name()='CertDigest']") as
    | XmlElement
    | null
    | undefined
  return {
    signingTime: time && plainText(time).trim(),
    certificateDigest: digest ? certDigest(digest) : undefined,
  }
}

function certDigest(element: XmlElement): SignedProperties['certificateDigest'] {
  const [method, value] = childElements(element)
  const hash = method && hashByXml(method.attr('Algorithm')?.value ?? '')
  if (hash === undefined || value === undefined)
    throw unverifiable('signing-certificate', 'algorithm-refused')
  return { hash, value: base64Of(value) }
}

/**
 * Finds the certificate whose key made the value. Where the signed properties name one, it must be that one
 * (ETSI EN 319 132-1 §5.2.2): another certificate over the same key must not take its place.
 */
export function checkSigner(
  info: SignedInfo,
  value: Buffer,
  keyInfo: XmlElement | undefined,
  { certificateDigest }: SignedProperties,
  notes: Notes,
): void {
  const { found, read } = keyInfoCertificates(keyInfo)
  if (found === 0) throw unverifiable('signing-certificate', 'certificate-missing')
  if (read.length === 0) throw unverifiable('signing-certificate', 'certificate-unusable')
  notes.embedded = read
  const named = certificateDigest && read.filter((one) => isNamed(one, certificateDigest))
  if (named?.length === 0) throw unverifiable('signing-certificate', 'certificate-mismatch')
  const usable = (named ?? read)
    .filter((one) => keyFits(info.algorithm, one.publicKey))
    .slice(0, MAX_CANDIDATES)
  if (usable.length === 0) throw unverifiable('algorithm', 'key-mismatch', algorithmName(info.algorithm))
  if (named !== undefined) notes.checks.push(passed('signing-certificate'))
  const signer = usable.find((one) => fits(info.algorithm, one.publicKey, info.octets, value, 'ieee-p1363'))
  notes.signer = signer ?? usable[0]!
  if (!isStrong(info.algorithm, notes.signer.publicKey)) notes.strong = false
  if (signer !== undefined) notes.checks.push(passed('signature-value'))
  else noteInvalid(notes, failed('signature-value', 'value-mismatch'))
}

function isNamed(one: Certificate, digest: NonNullable<SignedProperties['certificateDigest']>): boolean {
  return (
    HASHES[digest.hash] !== undefined && createHash(digest.hash).update(one.der).digest().equals(digest.value)
  )
}
