import type { Fault } from '../../domain/fault.ts'
import type { TableRule } from '../../domain/routing-rule.ts'
import { atOnce, type Sliced } from '../slices.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { checkChannels } from './validation/check-channels.ts'
import { checkCodes } from './validation/check-codes.ts'
import { checkEndpoints } from './validation/check-endpoints.ts'
import { checkFields } from './validation/check-fields.ts'
import { checkGateways } from './validation/check-gateways.ts'
import { checkOverlap } from './validation/check-overlap.ts'
import { checkReach } from './validation/check-reach.ts'
import {
  placed,
  ruleFault,
  type TableContext,
  type TableWorld,
  tableWorld,
} from './validation/table-world.ts'

export type { TableContext } from './validation/table-world.ts'

/** What looks at one rule. */
const RULE_CHECKS = [checkCodes, checkFields, checkChannels] as const
type TableCheck = (world: TableWorld) => Fault[] | Sliced<Fault[]>
/** What looks at the table as a whole; in steps where that takes long. */
const TABLE_CHECKS: readonly TableCheck[] = [
  checkIds,
  checkOverlap,
  checkGateways,
  checkEndpoints,
  checkReach,
]

/**
 * Everything that is wrong with a routing table, in the order of its rules: errors refuse it, warnings are shown to
 * whoever writes and approves it. Rules that have ended are looked at for their form alone.
 */
export const validateTable = (
  rules: readonly TableRule[],
  snapshot: DirectorySnapshot,
  context: TableContext,
): Fault[] => atOnce(validatingTable(rules, snapshot, context))

/** As `validateTable`, in steps. */
export function* validatingTable(
  rules: readonly TableRule[],
  snapshot: DirectorySnapshot,
  context: TableContext,
): Sliced<Fault[]> {
  const world = tableWorld(rules, snapshot, context)
  const faults: Fault[] = []
  for (const at of placed(world)) {
    faults.push(...RULE_CHECKS.flatMap((check) => check(world, at)))
    yield
  }
  for (const check of TABLE_CHECKS) {
    const found = check(world)
    faults.push(...(Array.isArray(found) ? found : yield* found))
    yield
  }
  return faults
}

function checkIds(world: TableWorld): Fault[] {
  const seen = new Set<string>()
  return placed(world).flatMap((at) => {
    const { id } = at.rule
    if (!seen.has(id)) {
      seen.add(id)
      return []
    }
    return [
      ruleFault(world, at, {
        code: 'rule-id-repeated',
        field: 'id',
        found: id,
        hint: { vi: `Có hơn một quy tắc mang mã ${id}.`, en: `More than one rule has the id ${id}.` },
      }),
    ]
  })
}
