import type { KeyObject } from 'node:crypto'
import {
  algorithmName,
  fits,
  HASHES,
  type HashName,
  isStrong,
  keyFits,
  type SignatureAlgorithm,
} from '../algorithms.ts'
import { failed, type Notes, noteInvalid, passed, unverifiable } from '../checks.ts'
import type { Certificate } from '../x509/certificate.ts'
import { childrenOf, isContext, octetsOf, oidOf } from './ber.ts'
import { dateOf } from './ber-time.ts'
import { algorithmOfKey, cmsAlgorithm } from './cms-algorithm.ts'
import { type AttributeList, signedForms, singleValue, valuesOf } from './cms-attributes.ts'
import { signerOf } from './cms-certificate.ts'
import type { SignedContent } from './cms-content.ts'
import { ID_DATA, type SignerInfo } from './cms-structure.ts'

const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
const SIGNING_TIME = '1.2.840.113549.1.9.5'
const ALGORITHM_PROTECTION = '1.2.840.113549.1.9.52'

/** What a SignerInfo is checked against. */
export interface SignerContext {
  /** eContentType; undefined for a countersignature, which has none (RFC 5652 §11.4). */
  readonly contentType: string | undefined
  readonly content: SignedContent
  /** Whether content stands inside: then its absence is one of form, not of a file that was not given. */
  readonly isAttached?: boolean
  readonly certificates: readonly Certificate[]
  /** From outside: the one key that counts. */
  readonly key?: KeyObject | Certificate
}

/**
 * Checks one SignerInfo (RFC 5652 §5.6, RFC 5035): integrity, not trust. Fills the facts first and stops afterwards,
 * so that all is told that can be found out.
 * @throws SignatureStop `unverifiable`
 */
export function checkSignerInfo(signer: SignerInfo, context: SignerContext, notes: Notes): void {
  const { signedAttributes: attributes } = signer
  notes.value = signer.signature
  notes.references = [{ uri: 'content', intact: null }]
  noteSigningTime(attributes, notes)
  const { certificate, key, named: isNamed } = signerOf(signer, context.certificates, context.key)
  if (certificate !== undefined) notes.signer = certificate
  // By its number, where the hash is none that is carried out here.
  notes.digestAlgorithm = signer.digestOid
  const { hash, algorithm: named } = cmsAlgorithm(signer)
  notes.digestAlgorithm = hash
  if (HASHES[hash].weak) notes.strong = false
  if (!isProtected(signer)) noteInvalid(notes, failed('algorithm', 'algorithm-substituted'))
  const stops = attributes === undefined ? [] : checkAttributes(attributes, hash, context, notes)
  if (key === undefined) throw unverifiable('signing-certificate', 'certificate-missing')
  const algorithm = named ?? algorithmOfKey(hash, key)
  if (algorithm === undefined) throw unverifiable('algorithm', 'key-mismatch', signer.signatureOid)
  notes.signatureAlgorithm = algorithmName(algorithm)
  if (!keyFits(algorithm, key)) throw unverifiable('algorithm', 'key-mismatch', notes.signatureAlgorithm)
  if (!isStrong(algorithm, key)) notes.strong = false
  checkValue(signer, { algorithm, hash, key }, context, notes)
  if (algorithm.hash !== null && algorithm.hash !== hash && algorithm.family !== 'rsa-pss')
    stops.push(unverifiable('algorithm', 'algorithm-refused', `${algorithm.hash} ≠ ${hash}`))
  if (isNamed === true) notes.checks.push(passed('signing-certificate'))
  if (isNamed === false) throw unverifiable('signing-certificate', 'certificate-mismatch')
  if (stops[0] !== undefined) throw stops[0]
  if (notes.references.some(({ intact }) => intact === null)) throw absent(context)
}

const absent = ({ isAttached }: SignerContext) =>
  isAttached === true
    ? unverifiable('form', 'cms-unreadable', 'eContent')
    : unverifiable('form', 'content-detached')

function noteSigningTime(attributes: AttributeList | undefined, notes: Notes): void {
  const time = dateOf(singleValue(attributes, SIGNING_TIME))
  if (time !== undefined) notes.claimedSigningTime = time.toISOString()
}

/** The digest of the content and its type as they were signed (RFC 5652 §11.1, §11.2). */
function checkAttributes(
  attributes: AttributeList,
  hash: HashName,
  { contentType, content }: SignerContext,
  notes: Notes,
): ReturnType<typeof unverifiable>[] {
  const stops: ReturnType<typeof unverifiable>[] = []
  const digest = octetsOf(singleValue(attributes, MESSAGE_DIGEST))
  if (digest === undefined) stops.push(unverifiable('form', 'attribute-missing', 'message-digest'))
  else checkDigest(digest, content.digest(hash), notes)
  if (contentType === undefined) return stops
  const signedType = oidOf(singleValue(attributes, CONTENT_TYPE))
  if (signedType === undefined) stops.push(unverifiable('form', 'attribute-missing', 'content-type'))
  else if (signedType !== contentType) noteInvalid(notes, failed('form', 'content-type-mismatch'))
  return stops
}

/**
 * CMSAlgorithmProtection ::= SEQUENCE { digestAlgorithm, [1] signatureAlgorithm?, [2] macAlgorithm? } (RFC 6211 §2):
 * where it stands, the algorithms must be those of the SignerInfo.
 */
function isProtected({ signedAttributes, digestOid, signatureOid }: SignerInfo): boolean {
  return valuesOf(signedAttributes, ALGORITHM_PROTECTION).every((value) => {
    const [digest, signature] = childrenOf(value)
    const isOfSignature = isContext(signature, 1) && oidOf(childrenOf(signature)[0]) === signatureOid
    return isOfSignature && oidOf(childrenOf(digest)[0]) === digestOid
  })
}

function checkDigest(signed: Buffer, found: Buffer | null, notes: Notes): void {
  if (found === null) return
  const intact = found.equals(signed)
  notes.references = [{ uri: 'content', intact }]
  if (intact) notes.checks.push(passed('digest'))
  else noteInvalid(notes, failed('digest', 'digest-mismatch'))
}

interface Value {
  readonly algorithm: SignatureAlgorithm
  /** Of digestAlgorithm. */
  readonly hash: HashName
  readonly key: KeyObject
}

function checkValue(signer: SignerInfo, value: Value, context: SignerContext, notes: Notes): void {
  const { signedAttributes, signature } = signer
  const intact =
    signedAttributes === undefined
      ? bareValue(value, signature, context, notes)
      : attributesFit(signedAttributes, signature, value)
  notes.valueIntact = intact
  if (intact === true) notes.checks.push(passed('signature-value'))
  if (intact === false) noteInvalid(notes, failed('signature-value', 'value-mismatch'))
}

function attributesFit(attributes: AttributeList, signature: Uint8Array, value: Value): boolean {
  for (const form of signedForms(attributes))
    for (const algorithm of algorithmsOf(value))
      if (fits(algorithm, value.key, form, signature, 'der')) return true
  return false
}

/**
 * Where signatureAlgorithm names another hash than digestAlgorithm, RFC 5652 §5.4 has the value over the digest by
 * digestAlgorithm, and most implementations do so. Whether the value fits is told by either; that the two disagree
 * leaves the signature unverifiable all the same.
 */
const algorithmsOf = ({ algorithm, hash }: Value): SignatureAlgorithm[] =>
  algorithm.hash === null || algorithm.hash === hash || algorithm.family === 'rsa-pss'
    ? [algorithm]
    : [algorithm, { ...algorithm, hash }]

const MESSAGE_DIGEST_DER = Buffer.from('06092a864886f70d010904', 'hex')

/** Whether content looks like the SET OF attributes that some other signature is over. */
const isAttributes = (head: Buffer): boolean => head[0] === 0x31 && head.includes(MESSAGE_DIGEST_DER)

/**
 * Without signed attributes the value is over the content itself, which must then be plain data (RFC 5652 §5.3): a
 * value over attributes could otherwise be shown as one over content that has their bytes.
 */
function bareValue(
  { algorithm, key }: Value,
  value: Uint8Array,
  { contentType, content }: SignerContext,
  notes: Notes,
): boolean | null {
  if (contentType !== undefined && contentType !== ID_DATA)
    throw unverifiable('form', 'attribute-missing', 'signedAttrs')
  if (isAttributes(content.head)) throw unverifiable('form', 'signature-malformed', 'signedAttrs')
  const intact = content.fits(algorithm, key, value)
  notes.references = [{ uri: 'content', intact }]
  return intact
}
