import { carryingOut } from '../directory/acts/carry-out.ts'
import type { ActContext } from '../directory/acts/outcome.ts'
import type { Sliced } from '../directory/slices.ts'
import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import type { Act } from '../domain/directory/act.ts'
import type { Fault } from '../domain/fault.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { syncRemark } from './sync-remarks.ts'

/** What of some acts can be carried out together. */
export interface SoundActs {
  readonly acts: readonly Act[]
  /** Why the others cannot; each names the code that it is about. */
  readonly remarks: readonly Fault[]
}

/** Leaving one out may refuse others; where some are refused after as many rounds, all are left out. */
const MOST_ROUNDS = 6

/** Leaves out the acts that the directory refuses, so that a few do not hold up all the others. Pure. */
export function* soundActs(
  directory: DirectorySnapshot,
  given: readonly Act[],
  context: Omit<ActContext, 'path'>,
): Sliced<SoundActs> {
  const remarks: Fault[] = []
  let acts = given
  for (let round = 0; round < MOST_ROUNDS && acts.length > 0; round += 1) {
    const { faults } = yield* carryingOut(directory, acts, { ...context, path: PATH })
    if (faults.length === 0) return { acts, remarks }
    const refused = new Set<Act>()
    for (const fault of faults) {
      const index = indexOf(fault)
      // Acts behind one of which there is too much were not looked at.
      const some = fault.code === 'too-many-facts' ? acts.slice(index) : acts.slice(index, index + 1)
      for (const act of some) refused.add(act)
      remarks.push(remarkOf(fault, acts[index]))
    }
    if (refused.size === 0) break
    for (const code of restingOn(refused, acts)) remarks.push(syncRemark('told-parent-unknown', code))
    acts = acts.filter((act) => !refused.has(act))
  }
  return { acts: [], remarks }
}

/** Adds those that stand beneath agencies which do not begin; those above come first. Gives their codes. */
function restingOn(refused: Set<Act>, acts: readonly Act[]): AgencyCode[] {
  const gone = new Set<AgencyCode>()
  const found: AgencyCode[] = []
  for (const act of acts) {
    const isBeneath = 'parent' in act && act.parent != null && gone.has(act.parent)
    if (isBeneath && !refused.has(act)) {
      refused.add(act)
      found.push(act.code)
    }
    if (act.act === 'establish' && refused.has(act)) gone.add(act.code)
  }
  return found
}

const PATH = '#/content'

const indexOf = ({ path = '' }: Fault): number => Number(/^#\/content\/(\d+)/.exec(path)?.[1] ?? Number.NaN)

/** Its path would lead to another act of the draft. */
function remarkOf({ path: _path, ...fault }: Fault, act: Act | undefined): Fault {
  const code = act !== undefined && 'code' in act ? act.code : undefined
  return {
    ...fault,
    severity: 'warning',
    ...(code !== undefined && { found: code }),
  }
}
