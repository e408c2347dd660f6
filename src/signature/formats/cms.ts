import { createHash } from 'node:crypto'
import type { SignatureFinding } from '../../domain/signature-report.ts'
import {
  algorithmName,
  fits,
  fitsStream,
  HASHES,
  type HashName,
  hashByOid,
  isStrong,
  keyFits,
  type SignatureAlgorithm,
} from '../algorithms.ts'
import {
  type CheckedSignature,
  checking,
  failed,
  type Notes,
  noteInvalid,
  notMade,
  passed,
  unverifiable,
} from '../checks.ts'
import { type Certificate, parseCertificates } from '../x509/certificate.ts'
import { type Asn1, childrenOf, octetsOf, oidOf } from './asn1.ts'
import { cmsAlgorithm } from './cms-algorithm.ts'
import { ID_DATA, readSignedData, type SignedData, type SignerInfo, timeOf } from './cms-structure.ts'

/** Content as chunks; read once for every signer. */
export type Content = () => AsyncIterable<Uint8Array>

const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
const SIGNING_TIME = '1.2.840.113549.1.9.5'
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12'
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47'
const MAX_SIGNERS = 16

/** Reads the SignedData or says that it cannot. */
export function openCms(bytes: Uint8Array): SignedData {
  try {
    return readSignedData(bytes)
  } catch (error) {
    throw unverifiable('form', 'cms-unreadable', error instanceof Error ? error.message : undefined)
  }
}

/**
 * Checks every signer of a SignedData (RFC 5652 §5.6, RFC 5035): integrity, not trust. `detached` is the content
 * where it lies outside; content inside goes before it.
 */
export async function checkCms(
  format: SignatureFinding['format'],
  data: SignedData,
  detached: Content | undefined,
): Promise<CheckedSignature[]> {
  const signers = data.signers.slice(0, MAX_SIGNERS)
  if (signers.length === 0 || data.signers.length > MAX_SIGNERS) {
    const reason = signers.length === 0 ? 'signature-malformed' : 'too-many-signatures'
    return [await checking(format, () => Promise.reject(unverifiable('form', reason)))]
  }
  const certificates = parseCertificates(data.certificates)
  const checked: CheckedSignature[] = []
  for (const signer of signers) {
    checked.push(await checking(format, (notes) => checkSigner(data, signer, certificates, detached, notes)))
  }
  return checked
}

async function checkSigner(
  data: SignedData,
  signer: SignerInfo,
  certificates: readonly Certificate[],
  detached: Content | undefined,
  notes: Notes,
): Promise<void> {
  const { hash, algorithm } = cmsAlgorithm(signer)
  notes.digestAlgorithm = hash
  notes.signatureAlgorithm = algorithmName(algorithm)
  notes.embedded = [...certificates]
  if (HASHES[hash].weak) notes.strong = false
  if (signer.hasUnsignedAttributes)
    notes.checks.push(notMade('counter-signature', 'counter-signature-not-made'))
  const certificate = certificates.find((one) => isSigner(one, signer))
  if (certificate === undefined) throw unverifiable('signing-certificate', 'certificate-missing')
  notes.signer = certificate
  if (!keyFits(algorithm, certificate.publicKey))
    throw unverifiable('algorithm', 'key-mismatch', notes.signatureAlgorithm)
  if (!isStrong(algorithm, certificate.publicKey)) notes.strong = false
  const content = contentOf(data, detached)
  const value = { algorithm, certificate, content }
  if (signer.signedAttributes === undefined) await checkBareValue(data, signer, value, notes)
  else await checkAttributes(data, signer, signer.signedAttributes, value, hash, notes)
}

function contentOf(data: SignedData, detached: Content | undefined): Content {
  const { content } = data
  if (content !== undefined)
    return async function* () {
      yield content
    }
  if (detached === undefined) throw unverifiable('form', 'content-detached')
  return detached
}

const isSigner = (one: Certificate, { sid }: SignerInfo): boolean =>
  'keyId' in sid
    ? one.subjectKeyId === sid.keyId
    : one.issuerDer === sid.issuerDer && one.serial === sid.serial

interface Value {
  readonly algorithm: SignatureAlgorithm
  readonly certificate: Certificate
  readonly content: Content
}

/** Without signed attributes the value is over the content itself, which must then be plain data (RFC 5652 §5.3). */
async function checkBareValue(
  data: SignedData,
  { signature }: SignerInfo,
  { algorithm, certificate, content }: Value,
  notes: Notes,
): Promise<void> {
  const { hash } = algorithm
  if (data.contentType !== ID_DATA) throw unverifiable('form', 'attribute-missing', 'signedAttrs')
  if (hash === null) throw unverifiable('algorithm', 'algorithm-refused', algorithmName(algorithm))
  const fitting = await fitsStream({ ...algorithm, hash }, certificate.publicKey, content(), signature)
  if (fitting) notes.checks.push(passed('signature-value'))
  else noteInvalid(notes, failed('signature-value', 'value-mismatch'))
}

async function checkAttributes(
  data: SignedData,
  signer: SignerInfo,
  attributes: NonNullable<SignerInfo['signedAttributes']>,
  { algorithm, certificate, content }: Value,
  hash: NonNullable<SignatureAlgorithm['hash']>,
  notes: Notes,
): Promise<void> {
  const single = (oid: string) => {
    const values = attributes.get(oid)
    return values?.length === 1 ? values[0] : undefined
  }
  const digest = octetsOf(single(MESSAGE_DIGEST))
  if (digest === undefined) throw unverifiable('form', 'attribute-missing', 'message-digest')
  const contentType = oidOf(single(CONTENT_TYPE))
  if (contentType === undefined) throw unverifiable('form', 'attribute-missing', 'content-type')
  if (contentType !== data.contentType) noteInvalid(notes, failed('form', 'content-type-mismatch'))
  const signingTime = timeOf(single(SIGNING_TIME))
  if (signingTime !== undefined) notes.claimedSigningTime = signingTime
  checkSigningCertificate(attributes, certificate, notes)
  const hasher = createHash(hash)
  for await (const chunk of content()) hasher.update(chunk)
  if (hasher.digest().equals(digest)) notes.checks.push(passed('digest'))
  else noteInvalid(notes, failed('digest', 'digest-mismatch'))
  if (fits(algorithm, certificate.publicKey, signer.attributesDer!, signer.signature, 'der')) {
    notes.checks.push(passed('signature-value'))
  } else noteInvalid(notes, failed('signature-value', 'value-mismatch'))
}

/** The certificate must be the one that was signed along (RFC 5035 §5.4), where that attribute is there. */
function checkSigningCertificate(
  attributes: NonNullable<SignerInfo['signedAttributes']>,
  certificate: Certificate,
  notes: Notes,
): void {
  const version2 = attributes.get(SIGNING_CERTIFICATE_V2)
  const values = version2 ?? attributes.get(SIGNING_CERTIFICATE)
  if (values === undefined) return
  const fallback = version2 === undefined ? 'sha1' : 'sha256'
  const isIt = values.length > 0 && values.every((value) => namesCertificate(value, certificate, fallback))
  if (isIt) notes.checks.push(passed('signing-certificate'))
  else throw unverifiable('signing-certificate', 'certificate-mismatch')
}

/** SigningCertificate(V2) ::= SEQUENCE { certs SEQUENCE OF ESSCertID(v2), ... }; the first is the signer's. */
function namesCertificate(value: Asn1, certificate: Certificate, fallback: HashName): boolean {
  const [first, second] = childrenOf(childrenOf(childrenOf(value)[0])[0])
  const isAlgorithm = octetsOf(first) === undefined
  const hash = isAlgorithm ? hashByOid(oidOf(childrenOf(first)[0]) ?? '') : fallback
  const digest = octetsOf(isAlgorithm ? second : first)
  if (hash === undefined || digest === undefined)
    throw unverifiable('signing-certificate', 'algorithm-refused')
  return createHash(hash).update(certificate.der).digest().equals(digest)
}
