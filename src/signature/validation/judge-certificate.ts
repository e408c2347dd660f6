import type { SubIndication } from '../../domain/indication.ts'
import type { CheckId } from '../checks.ts'
import type { PolicyCheckId } from '../policy/policy-checks.ts'
import type { AnchorPurpose } from '../trust-store.ts'
import type { ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { PathFault, PathValidation } from '../x509/path-types.ts'
import type { RevocationAnswer } from '../x509/revocation.ts'
import { signerName } from '../x509/signer-kind.ts'
import type { FullContext } from './context.ts'
import { held, type Judgement, weighed } from './judgement.ts'
import { isGood, revocationAnswers } from './revocation-status.ts'
import { faultsOf, pathAt } from './x509.ts'

export interface CertificateQuestion {
  readonly certificate: Certificate
  readonly purpose: AnchorPurpose
  readonly material: ValidationMaterial
  /** When the certificate was used, as proven; undefined where nothing proves it. */
  readonly provenTime?: Date
  /** Since when the material is proven to have been there. */
  readonly materialProven?: Date
  /** The latest time that is proven to lie before the signing (content timestamps). */
  readonly notBefore?: Date
}

export interface CertificateJudgement {
  readonly judgements: readonly Judgement[]
  /** From the certificate to the anchor; empty where none was found. */
  readonly path: readonly Certificate[]
  readonly revocation: readonly RevocationAnswer[]
}

/**
 * X.509 certificate validation (EN 319 102-1 §5.2.6) now; where time has gone over it, past certificate validation
 * (§5.6.2.1) at the proven time.
 */
export function judgeCertificate(question: CertificateQuestion, context: FullContext): CertificateJudgement {
  const { certificate, purpose, material, provenTime, materialProven } = question
  const today = pathAt(certificate, purpose, material, context)
  const isSettled = !hasAged(today) && today.revocation.every(isGood)
  const then =
    provenTime === undefined || isSettled
      ? undefined
      : pathAt(certificate, purpose, material, context, provenTime)
  const best = then !== undefined && hasAged(today) && isBetter(then, today) ? then : today
  const revocation = revocationAnswers(best.path, { today, then, time: context.time, materialProven })
  const faults = faultsOf(best)
  const isKnownGood = revocation.length > 0 && revocation.every(isGood)
  return {
    judgements: [
      ...MADE.filter((check) => faults.every((fault) => fault.check !== check)).map(held),
      ...faults.map((fault) => judgeFault(fault, question, context, isKnownGood)),
      ...judgeAge(faults, question, context),
      ...judgeRevocation(revocation, question, context),
    ],
    path: best.path,
    revocation,
  }
}

const MADE: readonly CheckId[] = ['chain', 'validity-period', 'key-usage']

/** Whether an earlier time may have known better: certificates, and trust in anchors, end. */
const hasAged = (validation: PathValidation): boolean =>
  faultsOf(validation).some(({ check }) => check === 'validity-period' || check === 'chain')

const isBetter = (then: PathValidation, today: PathValidation): boolean =>
  !hasAged(then) || faultsOf(then).length < faultsOf(today).length

/** The policy's name for a fault of a path, by the check that it is a fault of. */
const FAULTS: Partial<Record<CheckId, PolicyCheckId>> = {
  'validity-period': 'expired-at-proof',
  'key-usage': 'key-usage',
  'algorithm-strength': 'certificate-strength',
  'certificate-policy': 'certificate-policy',
}

function judgeFault(
  fault: PathFault,
  question: CertificateQuestion,
  { policy }: FullContext,
  isKnownGood: boolean,
): Judgement {
  const id = FAULTS[fault.check] ?? (fault.reason === 'no-path' ? 'chain' : 'chain-fault')
  const found = fault.found === undefined ? {} : { found: fault.found }
  if (id !== 'expired-at-proof') return weighed(policy, id, found)
  const sub = outOfBounds(question, isKnownGood)
  const isFinal = sub === 'EXPIRED' || sub === 'NOT_YET_VALID'
  return weighed(policy, id, { ...found, sub, ...(isFinal && { level: 'fail' }) })
}

/** Proven to be older than its certificate, though that is valid by now (EN 319 102-1 §5.5.4). */
function judgeAge(
  faults: readonly PathFault[],
  { certificate, provenTime }: CertificateQuestion,
  { policy }: FullContext,
): Judgement[] {
  const isTold = faults.some(({ check }) => check === 'validity-period')
  if (isTold || provenTime === undefined || provenTime >= certificate.notBefore) return []
  const found = `${provenTime.toISOString()} < ${certificate.notBefore.toISOString()}`
  return [weighed(policy, 'expired-at-proof', { found, sub: 'NOT_YET_VALID', level: 'fail' })]
}

/** Which of the cases of EN 319 102-1 §5.5.4 step 5 and §5.2.6.4 a validity period makes. */
function outOfBounds(
  { certificate, provenTime, notBefore }: CertificateQuestion,
  isKnownGood: boolean,
): SubIndication {
  if (provenTime !== undefined && provenTime < certificate.notBefore) return 'NOT_YET_VALID'
  if (notBefore !== undefined && notBefore > certificate.notAfter) return 'EXPIRED'
  return isKnownGood ? 'OUT_OF_BOUNDS_NOT_REVOKED' : 'OUT_OF_BOUNDS_NO_POE'
}

function judgeRevocation(
  answers: readonly RevocationAnswer[],
  question: CertificateQuestion,
  context: FullContext,
): Judgement[] {
  const found = answers.flatMap((answer, index) => judgeAnswer(answer, index, question, context) ?? [])
  return answers.length > 0 && found.length === 0 ? [held('revocation')] : found
}

/** @returns undefined for an answer that stands in nobody's way */
function judgeAnswer(
  answer: RevocationAnswer,
  index: number,
  { provenTime, notBefore }: CertificateQuestion,
  { policy, asksRevocation }: FullContext,
): Judgement | undefined {
  const { certificate, status, revokedAt, reason, why } = answer
  if (isGood(answer)) return undefined
  const name = signerName(certificate.subject) ?? certificate.serial
  if (status === 'unknown') {
    const id = asksRevocation || why === 'no-proof' ? 'revocation-unknown' : 'revocation-not-checked'
    const sub = why === 'no-proof' ? { sub: 'REVOCATION_OUT_OF_BOUNDS_NO_POE' as const } : {}
    return weighed(policy, id, { found: why === undefined ? name : `${name} (${why})`, ...sub })
  }
  if (revokedAt !== undefined && provenTime !== undefined && provenTime < revokedAt) return undefined
  const found = `${name}, ${revokedAt?.toISOString() ?? '?'}${reason === undefined ? '' : `, ${reason}`}`
  if (reason === 'certificateHold') return weighed(policy, 'revoked', { found, sub: 'TRY_LATER' })
  if (index > 0) return weighed(policy, 'revoked', { found, sub: 'REVOKED_CA_NO_POE' })
  const isAfter = revokedAt !== undefined && notBefore !== undefined && notBefore >= revokedAt
  return weighed(policy, 'revoked', { found, sub: isAfter ? 'REVOKED' : 'REVOKED_NO_POE' })
}
