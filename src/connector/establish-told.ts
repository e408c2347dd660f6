import type { Sliced } from '../directory/slices.ts'
import { tierBeneath } from '../directory/tier-beneath.ts'
import type { Act } from '../domain/directory/act.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { TierCode } from '../domain/tier.ts'
import { type ComparingTold, isHomeIn } from './comparing-told.ts'
import { type SyncRemark, syncRemark } from './sync-remarks.ts'
import type { ToldAgency } from './told-agencies.ts'
import type { ToldHere } from './told-here.ts'

/** Where a new agency can stand; undefined: nowhere. */
type Place = { readonly parent: AgencyCode | null; readonly tier: TierCode } | undefined

/**
 * Agencies that are new here, each after the one above it. Who stands beneath one that is left out is left out, too;
 * so is a circle.
 */
export function* establishTold(
  { unknown, codeHere }: ToldHere,
  comparing: ComparingTold,
  tell: (remark: SyncRemark) => void,
): Sliced<Act<'establish'>[]> {
  const fresh = new Map(unknown.map((agency) => [agency.code, agency]))
  const done = new Map<AgencyCode, Act<'establish'> | undefined>()
  const placeKnown = placesBeneath(comparing, tell)
  for (const first of unknown) {
    // Without recursion: an exchange may tell of a line of parents as long as its list.
    for (const agency of lineAbove(first, fresh, done, codeHere)) {
      const parent = agency.above && codeHere.get(agency.above)
      const above = parent ? done.get(parent) : undefined
      const isBeneathNew = typeof parent === 'string' && fresh.has(parent)
      const place: Place = isBeneathNew
        ? above && { parent: above.code, tier: above.tier }
        : placeKnown(agency, parent)
      const act = place && establish(agency, place, comparing)
      if (act === undefined && isBeneathNew) tell(syncRemark('told-parent-unknown', agency.code))
      done.set(agency.code, act)
      yield
    }
  }
  return [...done.values()].filter((act) => act !== undefined)
}

/** From whoever is above and not yet looked at down to the agency itself; a circle is cut where it closes. */
function lineAbove(
  agency: ToldAgency,
  fresh: ReadonlyMap<AgencyCode, ToldAgency>,
  done: ReadonlyMap<AgencyCode, unknown>,
  codeHere: ToldHere['codeHere'],
): ToldAgency[] {
  const line = new Set<ToldAgency>()
  for (
    let at: ToldAgency | undefined = agency;
    at !== undefined && !done.has(at.code) && !line.has(at);
    at = fresh.get((at.above && codeHere.get(at.above)) || ('' as AgencyCode))
  )
    line.add(at)
  return [...line].reverse()
}

/** Places at the top, and beneath agencies that are here already; looked at once for each of them. */
function placesBeneath(
  comparing: ComparingTold,
  tell: (remark: SyncRemark) => void,
): (agency: ToldAgency, parent: AgencyCode | null | undefined) => Place {
  const { directory, day } = comparing
  const isHome = isHomeIn(comparing)
  const tiers = new Map<AgencyCode | null, TierCode>()
  return ({ code }, parent) => {
    if (parent === undefined || (parent !== null && !directory.isOpen(parent, day))) {
      tell(syncRemark('told-parent-unknown', code))
      return undefined
    }
    if (parent !== null && isHome(parent)) {
      tell(syncRemark('told-beneath-home', code))
      return undefined
    }
    const tier = tiers.get(parent) ?? tierBeneath(directory, parent, day)
    tiers.set(parent, tier)
    return { parent, tier }
  }
}

const establish = (
  { code, name, spellings }: ToldAgency,
  { parent, tier }: NonNullable<Place>,
  { day }: ComparingTold,
): Act<'establish'> => ({
  act: 'establish',
  on: day,
  code,
  name,
  tier,
  parent,
  ...(spellings.length > 0 && {
    aliases: spellings.map((alias) => ({ alias, form: 'code102' as const })),
  }),
})
