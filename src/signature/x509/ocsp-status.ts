import { createHash } from 'node:crypto'
import { hashByOid } from '../algorithms.ts'
import type { Certificate } from './certificate.ts'
import { reasonOf } from './crl-status.ts'
import { DerError, readDer, TAG } from './der.ts'
import { timeOf } from './der-values.ts'
import { freshUntil, staleness } from './freshness.ts'
import { OCSP_SIGNING } from './key-use.ts'
import type { OcspResponse, SingleResponse } from './ocsp.ts'
import type { RevocationAnswer } from './revocation.ts'
import { type Issuer, type RevocationContext, unknown } from './revocation-context.ts'
import { isSignedBy } from './signed-by.ts'
import { algorithmStrength, checkSignedData, keyStrength } from './signed-data.ts'
import type { SubjectKey } from './subject-key.ts'

/** CRLReason (RFC 5280 §5.3.1). */
const CERTIFICATE_HOLD = 6
const ARCHIVE_CUTOFF = '1.3.6.1.5.5.7.48.1.6'

/** RFC 6960 §4.4 and the SCT list of RFC 6962 §3.3: read, or harmless here. */
const READ_EXTENSIONS = new Set([
  '1.3.6.1.5.5.7.48.1.2', // nonce
  '1.3.6.1.5.5.7.48.1.3', // CRL references
  ARCHIVE_CUTOFF,
  '1.3.6.1.5.5.7.48.1.9', // extended revoked definition
  '1.3.6.1.4.1.11129.2.4.5',
])

const MAX_RESPONSES = 64
const MAX_RESPONDERS = 16

/** Whether a delegated responder is known to be revoked. */
export type IsRevoked = (responder: Certificate) => boolean

/**
 * What the OCSP responses say of one certificate (RFC 6960 §3.2). Any that says revoked has it so; one that says unknown
 * outweighs those that say good.
 */
export function ocspAnswer(
  certificate: Certificate,
  issuer: Issuer,
  context: RevocationContext,
  isRevoked: IsRevoked,
): RevocationAnswer {
  const whys: string[] = []
  const answers: RevocationAnswer[] = []
  for (const response of context.ocsps.slice(0, MAX_RESPONSES)) {
    const mine = response.responses.filter((one) => isAbout(one, certificate, issuer))
    if (mine.length === 0) continue
    const responder = acceptedFrom(response, certificate, issuer, context, isRevoked)
    if (typeof responder === 'string') {
      whys.push(responder)
      continue
    }
    const weak = isWeak(response, responder) && ({ weak: true } as const)
    for (const one of mine) {
      const found = singleAnswer(one, response, certificate, context)
      if (typeof found === 'string') whys.push(found)
      else answers.push({ ...found, ...weak })
    }
  }
  const rank = { revoked: 0, unknown: 1, good: 2, 'not-needed': 3 } as const
  const newest = (one: RevocationAnswer): number => one.thisUpdate?.getTime() ?? 0
  answers.sort(
    (a, b) =>
      rank[a.status] - rank[b.status] ||
      Number(a.weak === true) - Number(b.weak === true) ||
      newest(b) - newest(a),
  )
  return answers[0] ?? unknown(certificate, whys)
}

function digest(hash: string, bytes: Uint8Array): string {
  return createHash(hash).update(bytes).digest('hex')
}

/** Whether the CertID is that of the certificate: by the issuer's name, the issuer's key and the serial number. */
function isAbout(one: SingleResponse, certificate: Certificate, issuer: Issuer): boolean {
  const hash = hashByOid(one.hashOid)
  if (hash === undefined || Buffer.compare(one.serial, certificate.serialBytes) !== 0) return false
  if (digest(hash, issuer.key.bits) !== one.issuerKeyHash) return false
  return [certificate.issuerName.der, issuer.certificate.subjectName.der].some(
    (name) => digest(hash, name) === one.issuerNameHash,
  )
}

/** Who signed a response that proves something: a delegate, or the issuer itself. */
interface Responder {
  readonly delegate?: Certificate
}

/** The issuer's own key is judged with the path. */
const isWeak = ({ signedWith }: OcspResponse, { delegate }: Responder): boolean =>
  [
    algorithmStrength(signedWith),
    ...(delegate === undefined ? [] : [keyStrength(delegate.key), algorithmStrength(delegate.signedWith)]),
  ].some((strength) => strength !== 'strong')

/** @returns why a response proves nothing, where it does not */
function acceptedFrom(
  response: OcspResponse,
  certificate: Certificate,
  issuer: Issuer,
  context: RevocationContext,
  isRevoked: IsRevoked,
): Responder | string {
  if (hasUnreadCritical(response.extensions)) return 'critical-extension'
  if (response.producedAt > context.freshness.until) return 'future'
  if (response.producedAt < certificate.notBefore) return 'before-certificate'
  return responderOf(response, issuer, context, isRevoked)
}

const hasUnreadCritical = (extensions: OcspResponse['extensions']): boolean =>
  extensions.some(({ oid, critical }) => critical && !READ_EXTENSIONS.has(oid))

/** RFC 6960 §4.2.2.2: the issuer itself, or one that it has authorised directly. */
function responderOf(
  response: OcspResponse,
  issuer: Issuer,
  context: RevocationContext,
  isRevoked: IsRevoked,
): Responder | string {
  if (isNamed(response, issuer.certificate, issuer.key) && isSignedWith(response, issuer.key)) return {}
  const delegates = [...response.certificates, ...context.help]
    .filter((one) => isNamed(response, one, one.key))
    .slice(0, MAX_RESPONDERS)
  let why = 'signature'
  for (const delegate of delegates) {
    if (!isSignedWith(response, delegate.key)) continue
    why = 'responder'
    if (mayRespond(delegate, issuer, response, context)) {
      if (delegate.extensions.ocspNoCheck || !isRevoked(delegate)) return { delegate }
      why = 'responder-revoked'
    }
  }
  return why
}

function isNamed({ responder }: OcspResponse, one: Certificate, key: SubjectKey): boolean {
  if (responder.name !== undefined) return responder.name.key === one.subjectName.key
  return digest('sha1', key.bits) === responder.keyHash
}

const VERIFIED = new WeakMap<OcspResponse, Map<string, boolean>>()

function isSignedWith(response: OcspResponse, key: SubjectKey): boolean {
  const known = VERIFIED.get(response) ?? new Map<string, boolean>()
  VERIFIED.set(response, known)
  const { signedWith, tbs, signature } = response
  const fits = known.get(key.id) ?? checkSignedData(signedWith, key, tbs, signature) === 'fits'
  known.set(key.id, fits)
  return fits
}

/** A responder is judged when it answered, or at the time in question where that is later. */
function mayRespond(
  delegate: Certificate,
  issuer: Issuer,
  { producedAt }: OcspResponse,
  { freshness: { time } }: RevocationContext,
): boolean {
  const at = producedAt > time ? producedAt : time
  return (
    delegate.extendedKeyUsage?.includes(OCSP_SIGNING) === true &&
    (delegate.keyUsage === undefined ||
      delegate.keyUsage.has('digitalSignature') ||
      delegate.keyUsage.has('nonRepudiation')) &&
    delegate.issuerName.key === issuer.certificate.subjectName.key &&
    isSignedBy(delegate, issuer.key) === 'fits' &&
    at >= delegate.notBefore &&
    at <= delegate.notAfter &&
    delegate.unreadCritical.length === 0 &&
    delegate.malformed.length === 0
  )
}

/** @returns why the single response says nothing, where it does not */
function singleAnswer(
  one: SingleResponse,
  { der, producedAt }: OcspResponse,
  certificate: Certificate,
  { freshness }: RevocationContext,
): RevocationAnswer | string {
  if (hasUnreadCritical(one.extensions)) return 'critical-extension'
  const stale = staleness(one, freshness)
  // What was revoked for good stays so, however old the answer.
  const lasts = stale === 'stale' && one.status === 'revoked' && one.reason !== CERTIFICATE_HOLD
  if (stale !== undefined && !lasts) return stale
  const { status, thisUpdate, nextUpdate, revokedAt } = one
  const late = producedAt > certificate.notAfter || thisUpdate > certificate.notAfter
  if (status === 'good' && late && !keepsExpired(one, certificate)) return 'after-expiry'
  const reason = reasonOf(one.reason)
  return {
    certificate,
    status,
    source: 'ocsp',
    ...(revokedAt && { revokedAt }),
    ...(reason && { reason }),
    ...(status === 'unknown' && { why: 'unknown-to-responder' }),
    thisUpdate,
    ...(nextUpdate && { nextUpdate }),
    freshUntil: freshUntil(one, freshness),
    evidence: der,
  }
}

/** Archive cutoff (RFC 6960 §4.4.4): the responder keeps what has ended since then. */
function keepsExpired({ extensions }: SingleResponse, { notAfter }: Certificate): boolean {
  const cutoff = extensions.find(({ oid }) => oid === ARCHIVE_CUTOFF)
  try {
    return cutoff !== undefined && timeOf(readDer(cutoff.value, TAG.generalizedTime)) <= notAfter
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}
