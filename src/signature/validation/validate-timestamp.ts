import type { SignatureCheck, TrustState } from '../../domain/signature-report.ts'
import { failed } from '../checks.ts'
import type { CheckedTimestamp } from '../timestamp/checked-timestamp.ts'
import { addMaterial, type ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { RevocationAnswer } from '../x509/revocation.ts'
import type { FullContext } from './context.ts'
import { type CertificateJudgement, judgeCertificate } from './judge-certificate.ts'
import { type Judgement, stands, weighed } from './judgement.ts'

/** A timestamp, and whether it proves anything. */
export interface ValidatedTimestamp {
  readonly checked: CheckedTimestamp
  /** The time that it tells, but never one that is still to come; undefined where it cannot be read. */
  readonly time?: Date
  readonly trust: TrustState
  /** Whether its time counts. */
  readonly isProof: boolean
  readonly checks: readonly SignatureCheck[]
  readonly path: readonly Certificate[]
  readonly revocation: readonly RevocationAnswer[]
}

/** How far a TSA's clock may be ahead of ours, in milliseconds. */
const CLOCK_SLACK = 5 * 60_000

/**
 * Validates one token with its TSA's own path (EN 319 102-1 §5.4).
 * @param outer the validation material of the signature that it belongs to
 * @param provenTime when the token is proven to have been there, by what stands over it
 */
export function validateTimestamp(
  one: CheckedTimestamp,
  outer: ValidationMaterial,
  provenTime: Date | undefined,
  context: FullContext,
): ValidatedTimestamp {
  const { policy } = context
  const time = one.genTime && (one.genTime < context.time ? one.genTime : context.time)
  const nothing = { checked: one, ...(time && { time }), isProof: false, path: [], revocation: [] }
  const fits = one.intact && one.imprintMatch === true && one.genTime !== undefined && one.tsa !== undefined
  if (!fits || one.genTime.getTime() > context.time.getTime() + CLOCK_SLACK)
    return { ...nothing, trust: 'not-checked', checks: toldChecks(one) }
  const material = addMaterial(outer, one.material)
  const ask = (at: Date | undefined) => judgeTsa(one.tsa!, material, at, context)
  const today = ask(provenTime)
  const strength = one.strong ? [] : [weighed(policy, 'algorithm-strength', { found: 'TSA' })]
  if (stands([...today.judgements, ...strength])) return { ...nothing, ...trusted(one, today, strength) }
  const then = ask(time)
  const aged = weighed(policy, 'timestamp-expired')
  // Whoever took a TSA's key writes times of the past with it (RFC 3161 §4).
  const isRevoked = today.revocation.some(({ status }) => status === 'revoked')
  const isOnlyAged = !isRevoked && stands([...then.judgements, ...strength])
  if (isOnlyAged && stands([aged])) return { ...nothing, ...trusted(one, then, [...strength, aged]) }
  const judgements = [...today.judgements, ...strength, ...(isOnlyAged ? [aged] : [])]
  return { ...nothing, trust: 'untrusted', checks: [...one.checks, ...judgements.map(({ check }) => check)] }
}

/** What is wrong with it, told by the format; where that tells nothing, that its imprint is not what it should be. */
const toldChecks = ({ checks, imprintMatch }: CheckedTimestamp): readonly SignatureCheck[] =>
  checks.some(({ outcome }) => outcome === 'failed')
    ? checks
    : [...checks, failed('timestamp', imprintMatch === null ? 'content-detached' : 'digest-mismatch')]

export const notValidated = (checked: CheckedTimestamp): ValidatedTimestamp => ({
  checked,
  trust: 'not-checked',
  isProof: false,
  checks: checked.checks,
  path: [],
  revocation: [],
})

const judgeTsa = (
  certificate: Certificate,
  material: ValidationMaterial,
  provenTime: Date | undefined,
  context: FullContext,
): CertificateJudgement =>
  judgeCertificate(
    {
      certificate,
      purpose: 'timestamp',
      material,
      // What proves the token proves what came with it.
      ...(provenTime !== undefined && { provenTime, materialProven: provenTime }),
    },
    context,
  )

const trusted = (
  one: CheckedTimestamp,
  { judgements, path, revocation }: CertificateJudgement,
  more: readonly Judgement[],
) =>
  ({
    trust: 'trusted',
    isProof: true,
    checks: [...one.checks, ...[...judgements, ...more].map(({ check }) => check)],
    path,
    revocation,
  }) as const
