import type { SignatureFinding, TimestampFinding, ValidationFacts } from '../domain/signature-report.ts'
import type { CheckedSignature } from './checks.ts'
import type { ValidationContext } from './validation/context.ts'
import { type Evidence, joinEvidence } from './validation/evidence.ts'
import type { Validation } from './validation/validate-signature.ts'
import { validateSignatures } from './validation/validate-signatures.ts'
import type { ValidatedTimestamp } from './validation/validate-timestamp.ts'
import { signerKind, signerName, signerOrganisations } from './x509/signer-kind.ts'

/** Findings, and what they rest on. */
export interface Verification {
  readonly findings: readonly SignatureFinding[]
  readonly evidence: Evidence
}

/** Validates the signatures of one file. `subject` names it; where it holds several, `#n` stands behind the name. */
export async function verifySignatures(
  subject: string,
  signatures: readonly CheckedSignature[],
  context: ValidationContext,
): Promise<Verification> {
  const validations = await validateSignatures(signatures, context)
  const name = (index: number) => (signatures.length === 1 ? subject : `${subject}#${index + 1}`)
  return {
    findings: signatures.map((one, index) => toFinding(name(index), one, validations[index]!)),
    evidence: joinEvidence(validations.map(({ evidence }) => evidence)),
  }
}

/** What is told and kept of one signature. */
export function toFinding(
  where: string,
  checked: CheckedSignature,
  validation: Validation,
): SignatureFinding {
  const { signer } = checked
  const organisations = signer === undefined ? [] : signerOrganisations(signer.subject)
  // A timestamp is nobody's signature of the content.
  const isSigner = signer !== undefined && checked.documentTimestamp !== true
  return {
    where,
    format: checked.format,
    state: checked.state,
    trust: validation.trust,
    signerKind: isSigner ? signerKind(signer.subject) : 'unknown',
    ...optional('signerName', signer && signerName(signer.subject)),
    ...optional('signerOrganisations', organisations.length > 0 ? organisations : undefined),
    ...optional('certificateSha256', signer?.sha256),
    ...optional('claimedSigningTime', checked.claimedSigningTime),
    ...optional('digestAlgorithm', checked.digestAlgorithm),
    ...optional('signatureAlgorithm', checked.signatureAlgorithm),
    ...factsOf(checked, validation),
    checks: validation.checks,
  }
}

/** References and timestamps of one signature in a report: a seal over a thousand objects is told by its coverage. */
const MOST_TOLD = 50

const factsOf = (checked: CheckedSignature, validation: Validation): ValidationFacts => ({
  indication: validation.indication,
  ...optional('subIndication', validation.subIndication),
  ...optional(
    'provenTime',
    validation.provenTime && {
      time: validation.provenTime.time.toISOString(),
      source: validation.provenTime.source,
    },
  ),
  ...optional(
    'timestamps',
    validation.timestamps.length > 0 ? validation.timestamps.slice(0, MOST_TOLD).map(stamp) : undefined,
  ),
  ...optional(
    'references',
    checked.references.length > 0 ? checked.references.slice(0, MOST_TOLD) : undefined,
  ),
  coverage: checked.coverage,
  modifiedAfterSigning: checked.modifiedAfterSigning,
  level: validation.level,
  ...optional('counterSignature', checked.counterSignature),
  ...optional('documentTimestamp', checked.documentTimestamp),
})

const stamp = ({ checked, trust, checks }: ValidatedTimestamp): TimestampFinding => ({
  kind: checked.kind,
  ...optional('genTime', checked.genTime?.toISOString()),
  imprintMatch: checked.imprintMatch,
  intact: checked.intact,
  ...optional('tsaName', checked.tsa && signerName(checked.tsa.subject)),
  trust,
  checks,
})

const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
