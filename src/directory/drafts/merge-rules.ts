import { isDeepStrictEqual } from 'node:util'
import type { TableRule } from '../../domain/routing-rule.ts'

export interface MergedRules {
  readonly rules: readonly TableRule[]
  /** Ids of rules that both changed in different ways; what stands in `rules` is as the draft has it. */
  readonly conflicts: readonly string[]
  /** Both put rules into another order; the order is the draft's. */
  readonly isOrderContested: boolean
}

type ById = ReadonlyMap<string, TableRule>
const byId = (rules: readonly TableRule[]): ById => new Map(rules.map((rule) => [rule.id, rule]))

/**
 * Brings what a draft changes of one table into a later one, rule by rule: what only one side changed is as that side
 * has it. Where both did, the draft stands and the rule is named.
 * @param base what the draft was made from
 */
export function mergeRules(
  base: readonly TableRule[],
  draft: readonly TableRule[],
  live: readonly TableRule[],
): MergedRules {
  const sides = { base: byId(base), draft: byId(draft), live: byId(live) }
  const conflicts: string[] = []
  const decide = (id: string): TableRule[] => {
    const [was, ours, theirs] = [sides.base.get(id), sides.draft.get(id), sides.live.get(id)]
    if (isDeepStrictEqual(was, ours)) return theirs === undefined ? [] : [theirs]
    if (!isDeepStrictEqual(was, theirs) && !isDeepStrictEqual(ours, theirs)) conflicts.push(id)
    return ours === undefined ? [] : [ours]
  }
  const [isDraftMoved, isLiveMoved] = [isMoved(base, draft), isMoved(base, live)]
  const order = isDraftMoved ? woven(draft, live) : woven(live, draft)
  return {
    rules: order.flatMap(decide),
    conflicts,
    isOrderContested: isDraftMoved && isLiveMoved && isMoved(live, draft),
  }
}

/** Whether the rules that two tables share stand in another order. */
function isMoved(one: readonly TableRule[], other: readonly TableRule[]): boolean {
  const [inOne, inOther] = [byId(one), byId(other)]
  const order = one.filter(({ id }) => inOther.has(id)).map(({ id }) => id)
  return other.filter(({ id }) => inOne.has(id)).some(({ id }, place) => order[place] !== id)
}

/** The ids of the first table in its order, each followed by those that only the second has after it. */
function woven(first: readonly TableRule[], second: readonly TableRule[]): string[] {
  const known = byId(first)
  const following = new Map<string | undefined, string[]>()
  let anchor: string | undefined
  for (const { id } of second)
    if (known.has(id)) anchor = id
    else following.set(anchor, [...(following.get(anchor) ?? []), id])
  const after = (id: string | undefined) => following.get(id) ?? []
  return [...after(undefined), ...first.flatMap(({ id }) => [id, ...after(id)])]
}
