import type { CheckedSignature } from '../checks.ts'
import type { CheckedTimestamp } from '../timestamp/checked-timestamp.ts'
import type { ValidationMaterial } from '../validation-material.ts'
import type { FullContext, Proof } from './context.ts'
import { judgeTimestamps } from './judge-timestamps.ts'
import type { Judgement } from './judgement.ts'
import { ARCHIVE, isOverValue, RANK, SOURCES } from './timestamp-kinds.ts'
import { notValidated, type ValidatedTimestamp, validateTimestamp } from './validate-timestamp.ts'

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

/** Of one signature; each costs several paths. The innermost of more are not looked at, and prove nothing. */
const MAX_TIMESTAMPS = 50

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
  for (const one of [...timestamps].sort(outermostFirst).slice(0, MAX_TIMESTAMPS)) {
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
    if (validated.isProof && validated.time !== undefined && isOverValue(one.kind))
      covers.push({ time: validated.time, rank, at })
  }
  const validated = timestamps.map((one) => done.get(one) ?? notValidated(one))
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
    .filter(({ checked }) => isOverValue(checked.kind))
    .map(({ checked, time }) => ({ time: time!, source: SOURCES[checked.kind] }))
  return [...own, ...outside].sort((a, b) => a.time.getTime() - b.time.getTime())[0]
}
