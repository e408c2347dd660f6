import type { UsableChannels } from '../../domain/channel-id.ts'
import type { ChosenRoute, Objection, RouteFacts, TableRule } from '../../domain/routing-rule.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { chooseRoute, tryRule } from './choose-route.ts'
import { type CompiledTable, compileTable } from './compile-table.ts'
import { routeSubject } from './route-subject.ts'

/** A decision with every rule of the table, for people. */
export interface RulesExplained {
  readonly route: ChosenRoute
  /** The rule that decided; undefined where a default did. */
  readonly decided: TableRule | undefined
  /** Every rule before it, with what did not hold. */
  readonly tried: readonly { readonly rule: TableRule; readonly because: Objection }[]
  /** How many rules stand after the one that decided, and were not looked at. */
  readonly notReached: number
}

/** The decision of `chooseRoute`, found by looking at one rule after the other. */
export function explainRoute(
  table: CompiledTable,
  snapshot: DirectorySnapshot,
  usable: UsableChannels,
  facts: RouteFacts,
): RulesExplained {
  const subject = routeSubject(snapshot, facts)
  const tried: { rule: TableRule; because: Objection }[] = []
  let decided: TableRule | undefined
  for (const rule of table.rules) {
    const way = tryRule(rule, subject, usable)
    if ('channel' in way) {
      decided = rule
      break
    }
    tried.push({ rule, because: way.because })
  }
  // The table cut down to what decided: nothing that an index knows can lead elsewhere.
  const alone = compileTable({ revision: table.revision, rules: decided === undefined ? [] : [decided] })
  const route = chooseRoute(alone, snapshot, usable, facts)
  const named = tried.map(({ rule, because }) => ({ rule: rule.id, because }))
  return {
    route: { ...route, explanation: { ...route.explanation, tried: named, alsoPassed: 0 } },
    decided,
    tried,
    notReached: decided === undefined ? 0 : table.rules.length - tried.length - 1,
  }
}
