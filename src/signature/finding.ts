import type { SignatureFinding, TrustState } from '../domain/signature-report.ts'
import { type CheckedSignature, failed, notMade } from './checks.ts'
import type { ReasonId } from './reasons.ts'
import type { AnchorPurpose, VerifyContext } from './trust-store.ts'
import { checkPath } from './x509/path.ts'
import { signerKind, signerName, signerOrganisations } from './x509/signer-kind.ts'

/**
 * The findings of one file. A signature that others follow is over the whole for whoever trusts their signers; what they
 * paint on the signed page is left to signers of the same organisation, as a seal is set over a signature (Nghị định
 * 30/2020/NĐ-CP, appendix I).
 */
export function toFindings(
  name: (index: number) => string,
  signatures: readonly CheckedSignature[],
  context: VerifyContext,
): SignatureFinding[] {
  const done = new Map<CheckedSignature, SignatureFinding>()
  const judge = (one: CheckedSignature): SignatureFinding => {
    const known = done.get(one)
    if (known !== undefined) return known
    const weighed = weighLater(one, signatures, (later) => judge(later).trust === 'trusted')
    const purpose = one.documentTimestamp ? 'timestamp' : 'signature'
    const finding = toFinding(name(signatures.indexOf(one)), weighed, context, purpose)
    done.set(one, finding)
    return finding
  }
  return signatures.map(judge)
}

function weighLater(
  one: CheckedSignature,
  all: readonly CheckedSignature[],
  isTrusted: (one: CheckedSignature) => boolean,
): CheckedSignature {
  const fault = (one.later ?? [])
    .map(({ by, paints }): ReasonId | undefined => {
      const signers = by.map((index) => all[index]!).filter(({ documentTimestamp }) => !documentTimestamp)
      if (!signers.every(isTrusted)) return 'later-signer-untrusted'
      const mayPaint = signers.length > 0 && signers.every((later) => shareOrganisation(one, later))
      return paints && !mayPaint ? 'later-signer-paints' : undefined
    })
    .find((found) => found !== undefined)
  if (fault === undefined) return one
  const others = one.checks.filter(({ check }) => check !== 'whole-document')
  return { ...one, checks: [...others, failed('whole-document', fault)] }
}

function shareOrganisation(one: CheckedSignature, other: CheckedSignature): boolean {
  const [own, others] = [one, other].map(({ signer }) =>
    (signer === undefined ? [] : signerOrganisations(signer.subject)).map((text) =>
      text.normalize('NFC').toLowerCase(),
    ),
  )
  return own!.some((text) => others!.includes(text))
}

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
