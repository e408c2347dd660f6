import type { Sliced } from '../directory/slices.ts'
import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { type SyncRemark, syncRemark } from './sync-remarks.ts'
import type { ToldAgency } from './told-agencies.ts'

/** Whom of those that another exchange tells of the directory knows. */
export interface ToldHere {
  /** By their codes here. */
  readonly known: ReadonlyMap<AgencyCode, ToldAgency>
  readonly unknown: readonly ToldAgency[]
  /** The code here of each, by its code there; for those that are unknown, the same. */
  readonly codeHere: ReadonlyMap<AgencyCode, AgencyCode>
}

/** Finds each agency by any of its codes. Who cannot be told apart from another is left out, and named. */
export function* findHere(
  told: readonly ToldAgency[],
  directory: DirectorySnapshot,
  day: string,
  tell: (remark: SyncRemark) => void,
): Sliced<ToldHere> {
  const claims = new Map<AgencyCode, ToldAgency[]>()
  const unknown: ToldAgency[] = []
  for (const agency of told) {
    const found = codesHere(agency, directory, day)
    const [one] = found
    if (one === undefined) unknown.push(agency)
    else if (found.size > 1 && !found.has(agency.code)) tell(syncRemark('told-codes-of-several', agency.code))
    else {
      const here = found.has(agency.code) ? agency.code : one
      const others = claims.get(here)
      if (others === undefined) claims.set(here, [agency])
      else others.push(agency)
    }
    yield
  }
  const known = new Map<AgencyCode, ToldAgency>()
  for (const [here, claimants] of claims) {
    const best = claimants.length === 1 ? claimants[0] : claimants.find(({ code }) => code === here)
    if (best !== undefined) known.set(here, best)
    for (const other of claimants) if (other !== best) tell(syncRemark('told-same-agency', other.code))
    yield
  }
  const codeHere = new Map(unknown.map(({ code }) => [code, code]))
  for (const [here, claimants] of claims) for (const { code } of claimants) codeHere.set(code, here)
  return { known, unknown, codeHere }
}

const codesHere = (
  { code, spellings }: ToldAgency,
  directory: DirectorySnapshot,
  day: string,
): ReadonlySet<AgencyCode> =>
  new Set([code, ...spellings].flatMap((spelling) => directory.codeOf(spelling, day)?.code ?? []))
