import type { SignatureCheck, TrustState } from '../../domain/signature-report.ts'
import type { CheckedSignature } from '../checks.ts'
import { failed } from '../checks.ts'
import type { CheckedTimestamp, TimestampKind } from '../timestamp/checked-timestamp.ts'
import { joinMaterial, type ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { RevocationAnswer } from '../x509/revocation.ts'
import type { FullContext, Proof } from './context.ts'
import { type CertificateJudgement, judgeCertificate } from './judge-certificate.ts'
import { held, type Judgement, stands, weighed } from './judgement.ts'

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

export interface ProvenTime {
  readonly time: Date
  readonly source: Proof['source']
}

export interface TimestampFindings {
  /** In the order in which the signature holds them. */
  readonly timestamps: readonly ValidatedTimestamp[]
  readonly judgements: readonly Judgement[]
  /** The earliest time at which the signature is proven to have been there (best-signature-time). */
  readonly provenTime?: ProvenTime
  /** The latest time that is proven to lie before the signing. */
  readonly notBefore?: Date
  /** The earliest time at which the validation material inside the signature is proven to have been there. */
  readonly materialProven?: Date
}

/** How far a TSA's clock may be ahead of ours, in milliseconds. */
const CLOCK_SLACK = 5 * 60_000

/** What a token stands over: each kind proves those below it, and archives prove older archives. */
const RANK: Record<TimestampKind, number> = {
  content: 0,
  signature: 1,
  references: 2,
  archive: 3,
  document: 3,
  container: 3,
}
const ARCHIVE = 3

/**
 * Validates every timestamp with its TSA's own path (EN 319 102-1 §5.4), the outermost first: what an archive timestamp
 * proves lets an older TSA be judged at a time when its certificate was valid (§5.6.3). At most one validation each.
 */
export function validateTimestamps(
  { format, timestamps }: CheckedSignature,
  material: ValidationMaterial,
  context: FullContext,
): TimestampFindings {
  const done = new Map<CheckedTimestamp, ValidatedTimestamp>()
  const outside = context.proofs.map(({ time }): Cover => ({ time, rank: ARCHIVE + 1, at: Infinity }))
  const covers: Cover[] = [...outside]
  for (const one of [...timestamps].sort(outermostFirst)) {
    const rank = RANK[one.kind]
    const at = timestamps.indexOf(one)
    const covering = covers.filter(
      (cover) =>
        (cover.rank > rank || (rank === ARCHIVE && cover.rank === ARCHIVE)) &&
        // An archive timestamp of XAdES is over the properties that stand before it (EN 319 132-1 §5.5.2.2).
        (format !== 'xmldsig' || cover.at > at),
    )
    const times = [...covering.map(({ time }) => time), ...keptTimes(one, context)]
    const validated = validateTimestamp(one, material, earliest(times), context)
    done.set(one, validated)
    if (validated.isProof && validated.time !== undefined) covers.push({ time: validated.time, rank, at })
  }
  const validated = timestamps.map((one) => done.get(one)!)
  return { timestamps: validated, ...summary(validated, context) }
}

/** The time since which a token is kept, where it is. */
function keptTimes({ der, genTime }: CheckedTimestamp, { kept, time }: FullContext): Date[] {
  const { evidence, since } = kept
  const isKept = evidence.tokens.some((token) => Buffer.compare(token, der) === 0)
  return isKept && since <= time && genTime !== undefined && genTime <= since ? [since] : []
}

/** A proof over what stands below it. */
interface Cover {
  readonly time: Date
  readonly rank: number
  readonly at: number
}

const outermostFirst = (a: CheckedTimestamp, b: CheckedTimestamp): number =>
  RANK[b.kind] - RANK[a.kind] || (b.genTime?.getTime() ?? 0) - (a.genTime?.getTime() ?? 0)

const earliest = (times: readonly Date[]): Date | undefined =>
  times.reduce<Date | undefined>(
    (first, time) => (first === undefined || time < first ? time : first),
    undefined,
  )
const latest = (times: readonly Date[]): Date | undefined =>
  times.reduce<Date | undefined>((last, time) => (last === undefined || time > last ? time : last), undefined)

function validateTimestamp(
  one: CheckedTimestamp,
  outer: ValidationMaterial,
  provenTime: Date | undefined,
  context: FullContext,
): ValidatedTimestamp {
  const { policy } = context
  const time = one.genTime && (one.genTime < context.time ? one.genTime : context.time)
  const nothing = { checked: one, ...(time && { time }), isProof: false, path: [], revocation: [] }
  const fits = one.intact && one.imprintMatch === true && one.genTime !== undefined && one.tsa !== undefined
  if (!fits || one.genTime.getTime() > context.time.getTime() + CLOCK_SLACK) {
    const checks = one.checks.some(({ outcome }) => outcome === 'failed')
      ? one.checks
      : [
          ...one.checks,
          failed('timestamp', one.imprintMatch === null ? 'content-detached' : 'digest-mismatch'),
        ]
    return { ...nothing, trust: 'not-checked', checks }
  }
  const material = joinMaterial(one.material, outer)
  const ask = (at: Date | undefined) => judgeTsa(one.tsa!, material, at, context)
  const today = ask(provenTime)
  const strength = one.strong ? [] : [weighed(policy, 'algorithm-strength', { found: 'TSA' })]
  if (stands([...today.judgements, ...strength])) return { ...nothing, ...trusted(one, today, strength) }
  const then = ask(time)
  const aged = weighed(policy, 'timestamp-expired')
  const isOnlyAged = stands([...then.judgements, ...strength])
  if (isOnlyAged && stands([aged])) return { ...nothing, ...trusted(one, then, [...strength, aged]) }
  const judgements = [...today.judgements, ...strength, ...(isOnlyAged ? [aged] : [])]
  return { ...nothing, trust: 'untrusted', checks: [...one.checks, ...judgements.map(({ check }) => check)] }
}

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

function summary(
  all: readonly ValidatedTimestamp[],
  context: FullContext,
): Omit<TimestampFindings, 'timestamps'> {
  const proofs = all.filter(({ isProof }) => isProof)
  const timesOf = (least: number) =>
    proofs.filter(({ checked }) => RANK[checked.kind] >= least).map(({ time }) => time!)
  const provenTime = earliestProof(proofs, context.proofs)
  const contents = proofs.filter(({ checked }) => checked.kind === 'content')
  const notBefore = latest(contents.map(({ time }) => time!))
  const outside = context.proofs.map(({ time }) => time)
  const materialProven = earliest([...timesOf(ARCHIVE), ...outside, context.kept.since])
  return {
    judgements: judgeTimestamps(all, context),
    ...(provenTime !== undefined && { provenTime }),
    ...(notBefore !== undefined && { notBefore }),
    ...(materialProven !== undefined && { materialProven }),
  }
}

function earliestProof(
  timestamps: readonly ValidatedTimestamp[],
  outside: readonly Proof[],
): ProvenTime | undefined {
  const own = timestamps
    .filter(({ checked }) => checked.kind !== 'content')
    .map(({ checked, time }) => ({ time: time!, source: SOURCES[checked.kind] }))
  return [...own, ...outside].sort((a, b) => a.time.getTime() - b.time.getTime())[0]
}

const SOURCES: Record<TimestampKind, Proof['source']> = {
  content: { vi: 'dấu thời gian trên nội dung', en: 'a timestamp over the content' },
  signature: { vi: 'dấu thời gian trên chữ ký', en: 'a timestamp over the signature' },
  references: {
    vi: 'dấu thời gian trên chữ ký và dữ liệu kiểm tra',
    en: 'a timestamp over the signature and references to validation data',
  },
  archive: { vi: 'dấu thời gian lưu trữ', en: 'an archive timestamp' },
  document: { vi: 'dấu thời gian trên tài liệu', en: 'a document timestamp' },
  container: { vi: 'dấu thời gian trên gói ASiC', en: 'a timestamp over the container' },
}

function judgeTimestamps(all: readonly ValidatedTimestamp[], { policy, proofs }: FullContext): Judgement[] {
  if (all.length === 0) return proofs.length > 0 ? [] : [weighed(policy, 'timestamp-missing')]
  const found = all.flatMap(({ checked, trust, isProof }) => {
    const name = `${checked.kind}, ${checked.genTime?.toISOString() ?? '?'}`
    if (isProof) return []
    return [
      weighed(policy, trust === 'untrusted' ? 'timestamp-untrusted' : 'timestamp-invalid', { found: name }),
    ]
  })
  const order = outOfOrder(all.filter(({ isProof }) => isProof).map(({ checked }) => checked))
  if (order !== undefined) found.push(weighed(policy, 'timestamp-order', { found: order }))
  return found.length === 0 ? [held('timestamp')] : found
}

/** A token over others is younger than they are (EN 319 102-1 §5.5.4 step 4), within the clocks' accuracy. */
function outOfOrder(tokens: readonly CheckedTimestamp[]): string | undefined {
  const inner = [...tokens].sort((a, b) => RANK[a.kind] - RANK[b.kind])
  let youngest: CheckedTimestamp | undefined
  for (const [index, one] of inner.entries()) {
    const below = inner.slice(0, index).filter(({ kind }) => RANK[kind] < RANK[one.kind])
    youngest = below.find(
      (other) => other.genTime!.getTime() - other.accuracy > one.genTime!.getTime() + one.accuracy,
    )
    if (youngest !== undefined) return `${youngest.kind} > ${one.kind}`
  }
  return undefined
}
