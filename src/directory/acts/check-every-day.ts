import { FACT_KIND_IDS, type FactKind } from '../../domain/directory/fact.ts'
import type { Fault } from '../../domain/fault.ts'
import type { Sliced } from '../slices.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { type Check, checkAliases, checkCoverage, checkNamespace, checkOverlaps } from './check-facts.ts'
import { checkParentCycles, checkParentsOpen, checkTiers } from './check-hierarchy.ts'
import { checkHeirsOfAnyDay, checkSuccessionWhileOpen } from './check-succession.ts'
import type { ActContext } from './outcome.ts'
import { remarkFault } from './step.ts'
import type { Workbench } from './workbench.ts'

type Tiers = ActContext['tiers']

const checksWith = (tiers: Tiers): readonly Check[] => [
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

/**
 * What is wrong with a directory after acts, on any day, with those of whom they wrote: not only today, for what is
 * planned may fit today and contradict what is planned for later. A step for each of them.
 */
export function* checkingEveryDay(
  { view, touched }: Workbench,
  { tiers, path = '#/content' }: ActContext,
): Sliced<Fault[]> {
  const checks = checksWith(tiers)
  const faults: Fault[] = []
  for (const [code, written] of touched) {
    const kinds = new Set(written.keys())
    for (const { kind, severity, remark } of checks.flatMap((check) => check(view, code, kinds))) {
      const at = written.get(kind) ?? [...written.values()].at(-1) ?? path
      faults.push(remarkFault(at, severity, { field: '', ...remark }))
    }
    yield
  }
  return faults
}

const EVERY_KIND: ReadonlySet<FactKind> = new Set(FACT_KIND_IDS)

/**
 * What is wrong with a whole directory, on any day, without what acts are only warned of; paths are `code/kind`. For
 * facts that come from elsewhere than from acts.
 * @param limit how many faults are told
 */
export function checkDirectory(view: DirectorySnapshot, tiers: Tiers, limit = 100): Fault[] {
  const checks = checksWith(tiers)
  const faults: Fault[] = []
  for (const code of view.codes())
    for (const check of checks)
      for (const { subject, kind, severity, remark } of check(view, code, EVERY_KIND)) {
        if (severity === 'warning') continue
        if (faults.length === limit) return faults
        faults.push(remarkFault(`${subject}/${kind}`, severity, { field: '', ...remark }))
      }
  return faults
}
