import { type Indication, indicationOf, type SubIndication } from '../../domain/indication.ts'
import { hasFailed, type SignatureCheck, type TrustState } from '../../domain/signature-report.ts'
import { type CheckedSignature, notMade } from '../checks.ts'
import { addMaterial, type ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'
import { acceptSignature } from './accept.ts'
import { type FullContext, fullContext, type ValidationContext } from './context.ts'
import { type Evidence, NO_EVIDENCE } from './evidence.ts'
import { evidenceOf } from './evidence-of.ts'
import { formFailure } from './form.ts'
import { judgeCertificate } from './judge-certificate.ts'
import { type Judgement, weighed } from './judgement.ts'
import { levelOf } from './level.ts'
import { fetchMissing, type Wanted } from './supply.ts'
import { type ProvenTime, type TimestampFindings, validateTimestamps } from './timestamps.ts'
import { notValidated, type ValidatedTimestamp } from './validate-timestamp.ts'

export type { ValidationContext } from './context.ts'

/** What is said of one signature (EN 319 102-1 §5.1.3), why, and what it rests on. */
export interface Validation {
  readonly indication: Indication
  readonly subIndication?: SubIndication
  readonly trust: TrustState
  readonly checks: readonly SignatureCheck[]
  readonly timestamps: readonly ValidatedTimestamp[]
  readonly provenTime?: ProvenTime
  readonly level: string
  /** From the signer to the anchor; empty where none was found. */
  readonly path: readonly Certificate[]
  /** With this and the file, the same is found again without asking anybody. */
  readonly evidence: Evidence
}

/**
 * Validates one signature: the process for signatures with time and with long-term data (EN 319 102-1 §5.5, §5.6), of
 * which basic validation (§5.3) is the case without timestamps. What covers only a part, or does not fit, has nothing
 * said of its signer. No I/O but by `context.revocation`; nothing is thrown for what the bytes hold.
 */
export async function validateSignature(
  checked: CheckedSignature,
  context: ValidationContext,
): Promise<Validation> {
  const full = fullContext(context)
  const failure = formFailure(checked)
  if (failure !== undefined) return unjudged(checked, failure, 'not-intact')
  const coverage = judgeCoverage(checked, full)
  if (coverage?.sub !== undefined) return unjudged(checked, coverage.sub, 'not-whole-document', coverage)
  // Only so many items are read: what we know comes before what the file holds.
  const material = addMaterial(full.kept.evidence, checked.material)
  const fetched = await fetchMissing(wantedOf(checked), material, {
    ...full,
    revocation: full.revocation.forSignature?.() ?? full.revocation,
  })
  return judge(checked, addMaterial(fetched, material), fetched, full, coverage)
}

function judge(
  checked: CheckedSignature,
  material: ValidationMaterial,
  fetched: ValidationMaterial,
  context: FullContext,
  coverage: Judgement | undefined,
): Validation {
  const stamps = validateTimestamps(checked, material, context)
  const signer = judgeCertificate(questionOf(checked, stamps, material), context)
  const accepted = acceptSignature(checked, stamps, context)
  const isAttested = checked.documentTimestamp === true
  const judgements = [
    ...(coverage === undefined ? [] : [coverage]),
    ...signer.judgements,
    // A document timestamp is the proof itself.
    ...(isAttested ? [] : stamps.judgements),
    ...accepted,
  ]
  const verdict = verdictOf(judgements)
  return {
    ...verdict,
    trust: verdict.indication === 'TOTAL_PASSED' ? 'trusted' : 'untrusted',
    checks: [...formatChecks(checked, judgements), ...judgements.map(({ check }) => check)],
    timestamps: stamps.timestamps,
    ...(stamps.provenTime !== undefined && { provenTime: stamps.provenTime }),
    level: levelOf(checked),
    path: signer.path,
    evidence: evidenceOf(signer, stamps.timestamps, fetched),
  }
}

const questionOf = (
  { signer, documentTimestamp }: CheckedSignature,
  { provenTime, notBefore, materialProven }: TimestampFindings,
  material: ValidationMaterial,
): Parameters<typeof judgeCertificate>[0] => ({
  certificate: signer!,
  purpose: documentTimestamp ? 'timestamp' : 'signature',
  material,
  ...(provenTime !== undefined && { provenTime: provenTime.time }),
  ...(notBefore !== undefined && { notBefore }),
  ...(materialProven !== undefined && { materialProven }),
})

/** The signer and every TSA whose token fits: whoever does not is not worth a request. */
const wantedOf = ({ signer, documentTimestamp, timestamps }: CheckedSignature): Wanted[] => {
  const stamps = timestamps.filter(({ intact, imprintMatch, tsa }) => intact && imprintMatch && tsa)
  const [first] = stamps.flatMap(({ genTime }) => genTime ?? []).sort((a, b) => a.getTime() - b.getTime())
  const earlier = first === undefined ? {} : { earlier: first }
  return [
    { certificate: signer!, purpose: documentTimestamp ? 'timestamp' : 'signature', ...earlier },
    ...stamps.map(({ tsa, genTime }) => ({
      certificate: tsa!,
      purpose: 'timestamp' as const,
      ...(genTime !== undefined && { earlier: genTime }),
    })),
  ]
}

/** @returns undefined where the signature is over the whole, or over no document at all */
function judgeCoverage(checked: CheckedSignature, { policy }: FullContext): Judgement | undefined {
  if (checked.counterSignature === true) return undefined
  const { coverage, modifiedAfterSigning, checks } = checked
  const isWhole =
    coverage === 'whole' ||
    (coverage === 'unknown' &&
      checks.some((one) => one.check === 'whole-document' && one.outcome === 'passed'))
  if (isWhole && modifiedAfterSigning !== true && !hasFailed(checked, 'whole-document')) return undefined
  return weighed(policy, 'coverage-part')
}

/** The first thing that disproves the signature; else the first that leaves it open (§5.1.4). */
function verdictOf(judgements: readonly Judgement[]): Pick<Validation, 'indication' | 'subIndication'> {
  const subs = judgements.flatMap(({ sub }) => sub ?? [])
  const sub = subs.find((one) => indicationOf(one) === 'TOTAL_FAILED') ?? subs[0]
  if (sub === undefined) return { indication: 'TOTAL_PASSED' }
  return { indication: indicationOf(sub), subIndication: sub }
}

/** The checks of the format, without those on which the policy has the last word. */
function formatChecks({ checks }: CheckedSignature, judgements: readonly Judgement[]): SignatureCheck[] {
  const last = new Set(judgements.map(({ check }) => check.check))
  return checks.filter(({ check }) => !(OVERRULED.has(check) && last.has(check)))
}

const OVERRULED = new Set(['algorithm-strength', 'doc-mdp'])

const unjudged = (
  checked: CheckedSignature,
  sub: SubIndication,
  why: 'not-intact' | 'not-whole-document',
  coverage?: Judgement,
): Validation => ({
  indication: indicationOf(sub),
  subIndication: sub,
  trust: 'not-checked',
  checks: [
    ...checked.checks,
    ...(coverage === undefined || hasFailed(checked, 'whole-document') ? [] : [coverage.check]),
    notMade('chain', why),
  ],
  timestamps: checked.timestamps.map(notValidated),
  level: levelOf(checked),
  path: [],
  evidence: NO_EVIDENCE,
})
