import { isDeepStrictEqual } from 'node:util'
import type { TableRule } from '../../domain/routing-rule.ts'
import { longestIncreasing } from './longest-increasing.ts'

/** A column of a rule, other than its id. */
export type RuleField = Exclude<keyof TableRule, 'id'>

/** What a field says before and after; undefined where the rule has none. */
export interface FieldChange {
  readonly field: RuleField
  readonly before: TableRule[RuleField] | undefined
  readonly after: TableRule[RuleField] | undefined
}

/** What becomes of a routing table. Places count from 1, as people count rules. */
export interface RulesDiff {
  readonly added: readonly { readonly rule: TableRule; readonly place: number }[]
  readonly removed: readonly { readonly rule: TableRule; readonly place: number }[]
  readonly changed: readonly {
    readonly id: string
    readonly place: number
    readonly fields: readonly FieldChange[]
  }[]
  /** Those that stand before or behind others than they did; as few as explain the new order. */
  readonly moved: readonly { readonly id: string; readonly from: number; readonly to: number }[]
  /** Rules that are the same and stand in the same order. */
  readonly unchanged: number
}

/**
 * What distinguishes two routing tables, rule by rule: they are told apart by their ids. An id that stands twice in one
 * of them counts where it stands first; the others count as added or removed.
 */
export function diffRules(before: readonly TableRule[], after: readonly TableRule[]): RulesDiff {
  const earlier = placesById(before)
  const later = placesById(after)
  const kept = after.flatMap((rule, to) => {
    const from = later.get(rule.id) === to ? earlier.get(rule.id) : undefined
    return from === undefined ? [] : [{ rule, from, to }]
  })
  const changed = kept.flatMap(({ rule, from, to }) => {
    const fields = fieldChanges(before[from]!, rule)
    return fields.length === 0 ? [] : [{ id: rule.id, place: to + 1, fields }]
  })
  const inOrder = longestIncreasing(kept.map(({ from }) => from))
  const moved = kept
    .filter((_, index) => !inOrder.has(index))
    .map(({ rule, from, to }) => ({ id: rule.id, from: from + 1, to: to + 1 }))
  const touched = new Set([...changed, ...moved].map(({ id }) => id))
  return {
    added: only(after, (rule, at) => !(earlier.has(rule.id) && later.get(rule.id) === at)),
    removed: only(before, (rule, at) => !(later.has(rule.id) && earlier.get(rule.id) === at)),
    changed,
    moved,
    unchanged: kept.length - touched.size,
  }
}

/** Whether two tables say the same, in the same order. */
export const sameRules = ({ added, removed, changed, moved }: RulesDiff): boolean =>
  added.length + removed.length + changed.length + moved.length === 0

function placesById(rules: readonly TableRule[]): Map<string, number> {
  const places = new Map<string, number>()
  for (const [at, { id }] of rules.entries()) if (!places.has(id)) places.set(id, at)
  return places
}

function only(rules: readonly TableRule[], holds: (rule: TableRule, at: number) => boolean) {
  return rules.flatMap((rule, at) => (holds(rule, at) ? [{ rule, place: at + 1 }] : []))
}

function fieldChanges(before: TableRule, after: TableRule): FieldChange[] {
  const names = Object.keys({ ...before, ...after }) as (keyof TableRule)[]
  return names.flatMap((field) =>
    field === 'id' || same(before[field], after[field])
      ? []
      : [{ field, before: before[field], after: after[field] }],
  )
}

/** Objects are compared by what they hold: the database gives their keys in an order of its own. */
const same = (one: unknown, other: unknown): boolean =>
  one === other || (typeof one === 'object' && isDeepStrictEqual(one, other))
