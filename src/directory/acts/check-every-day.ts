import type { Fault } from '../../domain/fault.ts'
import { checkAliases, checkCoverage, checkNamespace, checkOverlaps } from './check-facts.ts'
import { checkParentCycles, checkParentsOpen, checkTiers } from './check-hierarchy.ts'
import { checkHeirsOfAnyDay, checkSuccessionWhileOpen } from './check-succession.ts'
import type { ActContext } from './outcome.ts'
import { remarkFault } from './step.ts'
import type { Workbench } from './workbench.ts'

/**
 * What is wrong with a directory after acts, on any day, with those of whom they wrote: not only today, for what is
 * planned may fit today and contradict what is planned for later.
 */
export function checkEveryDay(
  { view, touched }: Workbench,
  { tiers, path = '#/content' }: ActContext,
): Fault[] {
  const checks = [
    checkOverlaps,
    checkCoverage,
    checkAliases,
    checkNamespace,
    checkParentCycles,
    checkParentsOpen,
    checkTiers(tiers),
    checkSuccessionWhileOpen,
    checkHeirsOfAnyDay,
  ]
  return [...touched].flatMap(([code, written]) => {
    const kinds = new Set(written.keys())
    return checks
      .flatMap((check) => check(view, code, kinds))
      .map(({ kind, severity, remark }) =>
        remarkFault(written.get(kind) ?? [...written.values()].at(-1) ?? path, severity, {
          field: '',
          ...remark,
        }),
      )
  })
}
