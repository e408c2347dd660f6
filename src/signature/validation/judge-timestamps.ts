import type { CheckedTimestamp } from '../timestamp/checked-timestamp.ts'
import type { FullContext } from './context.ts'
import { held, type Judgement, weighed } from './judgement.ts'
import { RANK } from './timestamp-kinds.ts'
import type { ValidatedTimestamp } from './validate-timestamp.ts'

/** What the policy makes of the timestamps of one signature together. */
export function judgeTimestamps(
  all: readonly ValidatedTimestamp[],
  { policy, proofs }: FullContext,
): Judgement[] {
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

/** How far the clocks of two TSAs may be apart, beyond what they say of their accuracy, in milliseconds. */
const ORDER_SLACK = 60_000

/** A token over others is younger than they are (EN 319 102-1 §5.5.4 step 4), as far as clocks tell. */
function outOfOrder(tokens: readonly CheckedTimestamp[]): string | undefined {
  const inner = [...tokens].sort((a, b) => RANK[a.kind] - RANK[b.kind])
  for (const [index, one] of inner.entries()) {
    const latest = one.genTime!.getTime() + one.accuracy + ORDER_SLACK
    const younger = inner
      .slice(0, index)
      .filter(({ kind }) => RANK[kind] < RANK[one.kind])
      .find(({ genTime, accuracy }) => genTime!.getTime() - accuracy > latest)
    if (younger !== undefined) return `${younger.kind} > ${one.kind}`
  }
  return undefined
}
