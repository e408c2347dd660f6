import { type Static, Type } from 'typebox'
import type { SignatureCheck, SignatureFinding, SignatureReport } from '../../domain/signature-report.ts'
import { Nullable, Text, Timestamp } from './common.ts'

const words = Type.Optional(Type.String())

const Check = Type.Object({
  check: Type.String(),
  outcome: Type.String({ description: 'passed, warned, failed, ignored, not-made' }),
  code: Type.Optional(Type.String({ description: 'The reason by its name' })),
  reason: Type.Optional(Text),
})

const TimestampFact = Type.Object({
  kind: Type.String({
    description: 'content, signature, references, validation-data, archive, document, container',
  }),
  genTime: Type.Optional(Timestamp),
  imprintMatch: Nullable(Type.Boolean()),
  intact: Type.Boolean(),
  tsaName: words,
  trust: Type.String(),
  checks: Type.Array(Check),
})

const Finding = Type.Object({
  where: Type.String({ description: 'envelope, or the ContentId of an attachment; #n for the n-th in it' }),
  format: Type.String(),
  state: Type.String({ description: 'absent, unverifiable, invalid, valid: whether it fits the bytes' }),
  trust: Type.String({ description: 'trusted only where the indication is TOTAL_PASSED' }),
  indication: Type.Optional(
    Type.String({ description: 'ETSI EN 319 102-1: TOTAL_PASSED, TOTAL_FAILED, INDETERMINATE' }),
  ),
  subIndication: Type.Optional(Type.String({ description: 'ETSI EN 319 102-1 §5.1.3' })),
  level: Type.Optional(Type.String({ description: 'What it looks like, such as XAdES-B-LT' })),
  signerKind: Type.String(),
  signerName: words,
  signerOrganisations: Type.Optional(Type.Array(Type.String())),
  certificateSha256: words,
  claimedSigningTime: words,
  provenTime: Type.Optional(Type.Object({ time: Timestamp, source: Text })),
  digestAlgorithm: words,
  signatureAlgorithm: words,
  coverage: Type.Optional(Type.String({ description: 'whole, part, unknown' })),
  modifiedAfterSigning: Type.Optional(Nullable(Type.Boolean())),
  references: Type.Optional(
    Type.Array(Type.Object({ uri: Type.String(), intact: Nullable(Type.Boolean()) })),
  ),
  timestamps: Type.Optional(Type.Array(TimestampFact)),
  counterSignature: Type.Optional(Type.Boolean()),
  documentTimestamp: Type.Optional(Type.Boolean()),
  checks: Type.Array(Check),
})

export const SignatureReportSchema = Type.Object({
  envelope: Type.String(),
  checkedAt: Timestamp,
  policy: Type.Optional(Type.String({ description: 'The policy that it was judged by' })),
  revocationAsked: Type.Optional(Type.Boolean({ description: 'Whether CRLs and OCSP were asked for' })),
  findings: Type.Array(Finding),
  gatewaySeal: Type.Optional(
    Type.Object(Finding.properties, { description: 'The seal of the gateway that handed the packet in' }),
  ),
})
type Answer = Static<typeof SignatureReportSchema>

/** Lists are copied, for the types of answers know no read-only ones. */
export const presentReport = ({ findings, gatewaySeal, ...report }: SignatureReport): Answer => ({
  ...report,
  findings: findings.map(presentFinding),
  ...(gatewaySeal && { gatewaySeal: presentFinding(gatewaySeal) }),
})

const copy = (checks: readonly SignatureCheck[]): SignatureCheck[] => [...checks]

function presentFinding(finding: SignatureFinding): Answer['findings'][number] {
  const { checks, signerOrganisations, references, timestamps, ...plain } = finding
  return {
    ...plain,
    ...(signerOrganisations && { signerOrganisations: [...signerOrganisations] }),
    ...(references && { references: [...references] }),
    ...(timestamps && { timestamps: timestamps.map((one) => ({ ...one, checks: copy(one.checks) })) }),
    checks: copy(checks),
  }
}
