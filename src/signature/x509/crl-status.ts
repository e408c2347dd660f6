import type { Certificate } from './certificate.ts'
import { type Crl, type CrlEntry, findEntry } from './crl.ts'
import { reasonsCovered } from './crl-scope.ts'
import { DerError } from './der.ts'
import { ALL_REASONS } from './distribution-point.ts'
import { freshUntil, staleness } from './freshness.ts'
import { REVOCATION_REASONS, type RevocationAnswer, type RevocationReason } from './revocation.ts'
import { type Issuer, type RevocationContext, unknown } from './revocation-context.ts'
import { algorithmStrength, checkSignedData, type Fit, keyStrength } from './signed-data.ts'
import type { SubjectKey } from './subject-key.ts'

const REMOVE_FROM_CRL = 8
const CERTIFICATE_HOLD = 6

/** CRLs of one certificate that are looked at, and certificates that may have signed one. */
const MAX_CRLS = 64
const MAX_SIGNERS = 16

/** What the CRLs say of one certificate (RFC 5280 §6.3.3). Any usable one that lists it has it revoked. */
export function crlAnswer(
  certificate: Certificate,
  issuer: Issuer,
  context: RevocationContext,
): RevocationAnswer {
  const mine = context.crls
    .map((crl) => ({ crl, reasons: crl.deltaBase === undefined ? reasonsCovered(crl, certificate) : 0 }))
    .filter(({ reasons }) => reasons !== 0)
    // As they come, and not the newest: anybody may write a list that calls itself newer.
    .slice(0, MAX_CRLS)
    .sort((a, b) => b.crl.thisUpdate.getTime() - a.crl.thisUpdate.getTime())
  const whys: string[] = []
  let covered = 0
  let good: Crl | undefined
  let weak = false
  for (const { crl, reasons } of mine) {
    const found = lookUp(crl, certificate, issuer, context)
    if (typeof found === 'string') {
      whys.push(found)
      continue
    }
    const { entry, by, isWeak } = found
    // A hold is the one revocation that a later list takes back.
    const takenBack = entry?.reason === CERTIFICATE_HOLD && covered === ALL_REASONS
    if (entry !== undefined && !takenBack) return revoked(certificate, by, entry, context)
    good ??= by
    weak ||= isWeak && covered !== ALL_REASONS
    covered |= reasons
  }
  if (good === undefined || covered !== ALL_REASONS) {
    return unknown(certificate, [...whys, ...emptyHanded(certificate, good, context)])
  }
  const period = periodOf(good, context)
  return {
    certificate,
    status: 'good',
    source: 'crl',
    ...period,
    evidence: good.der,
    ...(weak && { weak }),
  }
}

function emptyHanded(
  certificate: Certificate,
  good: Crl | undefined,
  { crls, unreadable }: RevocationContext,
): string[] {
  if (good !== undefined) return ['some-reasons-only']
  if (crls.some(({ issuer }) => issuer.key === certificate.issuerName.key)) return ['scope']
  return unreadable ? ['unreadable'] : []
}

interface LookUp {
  readonly entry: CrlEntry | undefined
  /** The list that the answer rests on: the complete one, or its delta. */
  readonly by: Crl
  readonly isWeak: boolean
}

/** @returns why the list says nothing, where it does not */
function lookUp(
  crl: Crl,
  certificate: Certificate,
  issuer: Issuer,
  context: RevocationContext,
): LookUp | string {
  if (crl.unreadCritical !== undefined) return 'critical-extension'
  const stale = staleness(crl, context.freshness)
  if (stale === 'future') return stale
  const signer = signerOf(crl, issuer, context)
  if (typeof signer === 'string') return signer
  try {
    const delta = stale === undefined ? deltaOf(crl, signer, context) : undefined
    const isWeak = isSignedWeakly(crl, signer) || (delta !== undefined && isSignedWeakly(delta, signer))
    const issuerKey = certificate.issuerName.key
    const changed = delta && findEntry(delta, certificate.serialBytes, issuerKey)
    if (delta !== undefined && changed !== undefined) {
      return { entry: changed.reason === REMOVE_FROM_CRL ? undefined : changed, by: delta, isWeak }
    }
    const entry = findEntry(crl, certificate.serialBytes, issuerKey)
    // What was revoked for good stays so, however old the list.
    if (stale !== undefined && (entry === undefined || isPassing(entry))) return stale
    if (entry === undefined && isTooLate(crl, certificate)) return 'after-expiry'
    return { entry: entry?.reason === REMOVE_FROM_CRL ? undefined : entry, by: delta ?? crl, isWeak }
  } catch (error) {
    if (error instanceof DerError) return 'unreadable'
    throw error
  }
}

const isSignedWeakly = ({ signedWith }: Crl, key: SubjectKey): boolean =>
  algorithmStrength(signedWith) !== 'strong' || keyStrength(key) !== 'strong'

const isPassing = ({ reason }: CrlEntry): boolean => reason === CERTIFICATE_HOLD || reason === REMOVE_FROM_CRL

/** A list made after a certificate's end says nothing by its silence, unless it keeps those that have ended. */
const isTooLate = ({ thisUpdate, expiredFrom }: Crl, { notAfter }: Certificate): boolean =>
  thisUpdate > notAfter && !(expiredFrom !== undefined && expiredFrom <= notAfter)

/** The delta that brings a complete CRL up to date (RFC 5280 §5.2.4, §6.3.3 (c)): the newest that fits. */
function deltaOf(base: Crl, signer: SubjectKey, { crls, freshness }: RevocationContext): Crl | undefined {
  const { number } = base
  if (number === undefined) return undefined
  return crls
    .filter(
      (one) =>
        one.deltaBase !== undefined &&
        one.number !== undefined &&
        one.deltaBase <= number &&
        number < one.number &&
        one.issuer.key === base.issuer.key &&
        one.scope === base.scope &&
        one.authorityKeyId === base.authorityKeyId &&
        one.unreadCritical === undefined &&
        staleness(one, freshness) === undefined &&
        isCrlSignedBy(one, signer) === 'fits',
    )
    .sort((a, b) => (a.number! < b.number! ? 1 : -1))[0]
}

const VERIFIED = new WeakMap<Crl, Map<string, Fit>>()

function isCrlSignedBy(crl: Crl, key: SubjectKey): Fit {
  const known = VERIFIED.get(crl) ?? new Map<string, Fit>()
  VERIFIED.set(crl, known)
  const fit = known.get(key.id) ?? checkSignedData(crl.signedWith, key, crl.tbs, crl.signature)
  known.set(key.id, fit)
  return fit
}

/** The key that signed the CRL, where its holder may; otherwise why it says nothing. */
function signerOf(crl: Crl, issuer: Issuer, context: RevocationContext): SubjectKey | string {
  const mayBeIssuer = issuer.certificate.subjectName.key === crl.issuer.key
  if (mayBeIssuer && isCrlSignedBy(crl, issuer.key) === 'fits') {
    if (maySignCrls(issuer.certificate)) return issuer.key
  }
  const others = context.help
    .filter(
      ({ subjectName, sha256 }) => subjectName.key === crl.issuer.key && sha256 !== issuer.certificate.sha256,
    )
    .slice(0, MAX_SIGNERS)
  let why = 'signature'
  for (const other of others) {
    if (isCrlSignedBy(crl, other.key) !== 'fits') continue
    why = 'crl-issuer'
    if (maySignCrls(other) && context.isTrustedCrlIssuer(other)) return other.key
  }
  return why
}

const maySignCrls = ({ keyUsage }: Certificate): boolean => keyUsage === undefined || keyUsage.has('cRLSign')

function periodOf(crl: Crl, { freshness }: RevocationContext) {
  const { thisUpdate, nextUpdate } = crl
  return { thisUpdate, ...(nextUpdate && { nextUpdate }), freshUntil: freshUntil(crl, freshness) }
}

function revoked(
  certificate: Certificate,
  crl: Crl,
  entry: CrlEntry,
  context: RevocationContext,
): RevocationAnswer {
  const reason = reasonOf(entry.reason)
  return {
    certificate,
    status: 'revoked',
    source: 'crl',
    revokedAt: entry.revokedAt,
    ...(reason && { reason }),
    ...(entry.invalidFrom && { invalidFrom: entry.invalidFrom }),
    ...periodOf(crl, context),
    evidence: crl.der,
  }
}

const REASONS: Readonly<Record<number, RevocationReason>> = REVOCATION_REASONS

/** The reason by its number; one that RFC 5280 does not know is none. */
export const reasonOf = (number: number | undefined): RevocationReason | undefined =>
  number === undefined ? undefined : REASONS[number]
