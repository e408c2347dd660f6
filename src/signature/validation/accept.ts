import { hasFailed } from '../../domain/signature-report.ts'
import { isStrongKey } from '../algorithms.ts'
import type { CheckedSignature } from '../checks.ts'
import type { PolicyCheckId } from '../policy/policy-checks.ts'
import type { FullContext } from './context.ts'
import { held, type Judgement, weighed } from './judgement.ts'
import type { TimestampFindings } from './timestamps.ts'

/** Signature acceptance validation (EN 319 102-1 §5.2.8): what the policy asks of the signature itself. */
export function acceptSignature(
  checked: CheckedSignature,
  stamps: TimestampFindings,
  context: FullContext,
): Judgement[] {
  return [
    ...judgeStrength(checked, context),
    ...judgeNaming(checked, context),
    ...judgeSigningTime(checked, stamps, context),
    ...(hasFailed(checked, 'doc-mdp') ? [weighed(context.policy, 'doc-mdp')] : []),
  ]
}

const WEAK_DIGESTS: readonly (readonly [PolicyCheckId, RegExp])[] = [
  ['digest-md5', /md5$/],
  ['digest-sha1', /sha1$/],
]

/** SHA-1, MD5 and short keys are called by their names; what else the format finds weak, is so in general. */
function judgeStrength(checked: CheckedSignature, { policy }: FullContext): Judgement[] {
  const { strong, digestAlgorithm = '', signatureAlgorithm = '', signer } = checked
  const digests = WEAK_DIGESTS.filter(
    ([, pattern]) => pattern.test(digestAlgorithm) || pattern.test(signatureAlgorithm),
  ).map(([id]) => weighed(policy, id))
  const isShort = signer !== undefined && !isStrongKey(signer.publicKey)
  const found = [...digests, ...(isShort ? [weighed(policy, 'key-strength')] : [])]
  if (found.length > 0) return found
  return strong ? [held('algorithm-strength')] : [weighed(policy, 'algorithm-strength')]
}

/** The signing-certificate attribute (RFC 5035, EN 319 132-1 §5.2.2) binds the certificate to the value. */
function judgeNaming({ checks }: CheckedSignature, { policy }: FullContext): Judgement[] {
  const isNamed = checks.some(({ check, outcome }) => check === 'signing-certificate' && outcome === 'passed')
  return isNamed ? [] : [weighed(policy, 'signing-certificate-missing')]
}

const MINUTE = 60_000
/** How far a signer's clock may be ahead. */
const SLACK = 10 * MINUTE

function judgeSigningTime(
  { claimedSigningTime, signer }: CheckedSignature,
  { provenTime }: TimestampFindings,
  { policy, time }: FullContext,
): Judgement[] {
  const claimed = claimedSigningTime === undefined ? undefined : new Date(claimedSigningTime)
  if (claimed === undefined || signer === undefined || Number.isNaN(claimed.getTime())) return []
  const until = provenTime?.time ?? time
  const found =
    claimed < signer.notBefore
      ? `${claimed.toISOString()} < notBefore`
      : claimed > signer.notAfter
        ? `${claimed.toISOString()} > notAfter`
        : claimed.getTime() > until.getTime() + SLACK
          ? `${claimed.toISOString()} > ${until.toISOString()}`
          : undefined
  return found === undefined ? [held('signing-time')] : [weighed(policy, 'signing-time', { found })]
}
