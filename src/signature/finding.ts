import type { SignatureFinding, TrustState } from '../domain/signature-report.ts'
import { type CheckedSignature, notMade } from './checks.ts'
import type { AnchorPurpose, VerifyContext } from './trust-store.ts'
import { checkPath } from './x509/path.ts'
import { signerKind, signerName, signerOrganisations } from './x509/signer-kind.ts'

/**
 * Adds what can be said of the signer. Only a signature that fits the bytes, with strong algorithms, over the whole
 * document can be trusted: trust in a signer says nothing about what he did not sign.
 */
export function toFinding(
  where: string,
  checked: CheckedSignature,
  context: VerifyContext,
  purpose: AnchorPurpose = 'signature',
): SignatureFinding {
  const { trust, checks } = judge(checked, context, purpose)
  const { signer } = checked
  const organisations = signer === undefined ? [] : signerOrganisations(signer.subject)
  return {
    where,
    format: checked.format,
    state: checked.state,
    trust,
    // A timestamp is nobody's signature of the content.
    signerKind: signer === undefined || purpose === 'timestamp' ? 'unknown' : signerKind(signer.subject),
    ...optional('signerName', signer && signerName(signer.subject)),
    ...optional('signerOrganisations', organisations.length > 0 ? organisations : undefined),
    ...optional('certificateSha256', signer?.sha256),
    ...optional('claimedSigningTime', checked.claimedSigningTime),
    ...optional('digestAlgorithm', checked.digestAlgorithm),
    ...optional('signatureAlgorithm', checked.signatureAlgorithm),
    checks: [...checked.checks, ...checks],
  }
}

const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })

/** Whether a check of this name failed. */
export const hasFailed = ({ checks }: Pick<SignatureFinding, 'checks'>, check: string): boolean =>
  checks.some((one) => one.check === check && one.outcome === 'failed')

function judge(
  checked: CheckedSignature,
  { trust, time }: VerifyContext,
  purpose: AnchorPurpose,
): { trust: TrustState; checks: SignatureFinding['checks'] } {
  if (checked.state !== 'valid' || checked.signer === undefined) {
    return { trust: 'not-checked', checks: [notMade('chain', 'not-intact')] }
  }
  if (hasFailed(checked, 'whole-document')) {
    return { trust: 'not-checked', checks: [notMade('chain', 'not-whole-document')] }
  }
  const path = checkPath(checked.signer, checked.embedded, trust, purpose, time)
  return { trust: path.trusted && checked.strong ? 'trusted' : 'untrusted', checks: path.checks }
}
