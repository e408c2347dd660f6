import type { AgencyOnDay } from '../../domain/directory/resolution.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { type DirectorySnapshot, MAX_DEPTH } from './snapshot.ts'

export interface HierarchyNode extends AgencyOnDay {
  readonly open: boolean
  /** How many stand directly beneath, also where they are not shown. */
  readonly childCount: number
  /** By their codes; empty where the view ends here. */
  readonly children: readonly HierarchyNode[]
}

export interface Hierarchy {
  readonly nodes: readonly HierarchyNode[]
  /** Some were left out because there are too many. */
  readonly cut: boolean
}

/** How many agencies one view shows. */
export const HIERARCHY_LIMIT = 20_000

/**
 * Who stands beneath whom on a day (`yyyy-MM-dd`, Vietnam).
 * @param root an agency, which is shown; null for everybody who stands beneath none
 * @param depth how many levels are shown; 1 is the root, or the roots, alone
 */
export function hierarchyOn(
  snapshot: DirectorySnapshot,
  day: string,
  root: AgencyCode | null,
  depth: number,
  limit: number = HIERARCHY_LIMIT,
): Hierarchy {
  const seen = new Set<AgencyCode>()
  let cut = false
  const show = (codes: readonly AgencyCode[], levels: number): HierarchyNode[] =>
    [...codes].sort().flatMap((code) => {
      const agency = snapshot.agency(code, day)
      if (agency === undefined || seen.has(code)) return []
      if (seen.size >= limit) {
        cut = true
        return []
      }
      seen.add(code)
      const children = snapshot.childrenOn(code, day)
      return [
        {
          ...agency,
          open: snapshot.isOpen(code, day),
          childCount: children.length,
          children: levels > 1 ? show(children, levels - 1) : [],
        },
      ]
    })
  const nodes = show(root === null ? snapshot.rootsOn(day) : [root], Math.min(depth, MAX_DEPTH))
  return { nodes, cut }
}
