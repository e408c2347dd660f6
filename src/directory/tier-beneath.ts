import type { AgencyCode } from '../domain/identifiers.ts'
import type { TierCode } from '../domain/tier.ts'
import type { DirectorySnapshot } from './snapshot/snapshot.ts'

const AT_THE_TOP: TierCode = 'central'

/**
 * The tier that an agency is put down with where nobody says it, for whoever approves to look at: that of all who stand
 * beside it where they share one, else that of the agency above.
 * @param day `yyyy-MM-dd`, Vietnam
 */
export function tierBeneath(directory: DirectorySnapshot, parent: AgencyCode | null, day: string): TierCode {
  if (parent === null) return AT_THE_TOP
  const beside = new Set(directory.childrenOn(parent, day).map((code) => directory.agency(code, day)?.tier))
  const [only] = beside
  return (beside.size === 1 && only) || (directory.agency(parent, day)?.tier ?? AT_THE_TOP)
}
