import type { AgencyOnDay } from '../../domain/directory/resolution.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot } from './snapshot.ts'

/** An agency in its place. */
export interface TreeRow extends AgencyOnDay {
  /** Levels beneath the root of what is shown. */
  readonly depth: number
  /** How many stand directly beneath, also where they are not shown. */
  readonly childCount: number
}

export interface Tree {
  /** Level by level, each in the order of its parents, then of codes. */
  readonly rows: readonly TreeRow[]
  /** Whether the limit left somebody out. */
  readonly isCut: boolean
}

export interface TreeView {
  /** Null: from those beneath none, and those whose parent is not open. */
  readonly root: AgencyCode | null
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
  /** Levels beneath the root. */
  readonly depth: number
  /** Agencies of the whole answer. */
  readonly limit: number
}

/** The hierarchy as it is on a day, level by level, so that a limit cuts the lowest level first. */
export function treeOn(directory: DirectorySnapshot, { root, day, depth, limit }: TreeView): Tree {
  const rows: TreeRow[] = []
  let level = root === null ? topsOn(directory, day).sort() : [root]
  for (let at = 0; at <= depth && level.length > 0; at += 1) {
    const beneath: AgencyCode[] = []
    for (const code of level) {
      const agency = directory.agency(code, day)
      if (agency === undefined) continue
      if (rows.length === limit) return { rows, isCut: true }
      const children = directory.childrenOn(code, day).sort()
      rows.push({ ...agency, depth: at, childCount: children.length })
      beneath.push(...children)
    }
    level = beneath
  }
  return { rows, isCut: false }
}

/** Whoever is open stands somewhere in the view: where nobody open is above, at its top. */
function topsOn(directory: DirectorySnapshot, day: string): AgencyCode[] {
  const tops = directory.rootsOn(day)
  for (const code of directory.codes()) {
    const parent = directory.fact(code, 'placement', day)?.value.parent
    if (parent != null && !directory.isOpen(parent, day) && directory.isOpen(code, day)) tops.push(code)
  }
  return tops
}
