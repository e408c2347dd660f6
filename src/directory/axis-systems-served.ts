import type { AxisSystem } from '../domain/axis/axis-system.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { type DirectorySnapshot, MAX_DEPTH } from './snapshot/snapshot.ts'
import { successorsOf } from './snapshot/succession-line.ts'

type Serving = Pick<AxisSystem, 'serves'>

/** Codes that are kept for all systems together, before everything is forgotten: some 100 MB. */
const MOST_KEPT = 1_000_000

interface Kept {
  readonly day: string
  readonly sets: Map<string, ReadonlySet<AgencyCode>>
  codes: number
}

/** Per snapshot, that is per revision: a later revision has its own, and the earlier one's goes with it. */
const KEPT = new WeakMap<DirectorySnapshot, Kept>()

/**
 * Every agency that a system serves on a day: those that it names, and where it serves with everybody beneath, whoever
 * stands beneath then, also who has closed meanwhile, for there may be documents left for them. Agrees with `servesOn`
 * for each code.
 * @param day `yyyy-MM-dd` in Vietnam
 */
export function servedCodes(
  directory: DirectorySnapshot,
  { serves }: Serving,
  day: string,
): ReadonlySet<AgencyCode> {
  const kept = keptOf(directory, day)
  const key = serves.map(({ code, withBeneath }) => (withBeneath ? `${code}/*` : code)).join(' ')
  const known = kept.sets.get(key)
  if (known !== undefined) return known
  const codes = collect(directory, serves, day)
  kept.codes += codes.size + serves.length
  if (kept.codes > MOST_KEPT) KEPT.delete(directory)
  else kept.sets.set(key, codes)
  return codes
}

/** One day at a time: yesterday is not asked for again. */
function keptOf(directory: DirectorySnapshot, day: string): Kept {
  const earlier = KEPT.get(directory)
  if (earlier?.day === day) return earlier
  const kept: Kept = { day, sets: new Map(), codes: 0 }
  KEPT.set(directory, kept)
  return kept
}

function collect(directory: DirectorySnapshot, serves: Serving['serves'], day: string): Set<AgencyCode> {
  const found = new Set<AgencyCode>()
  for (const { code, withBeneath } of serves) {
    found.add(code)
    if (withBeneath) for (const one of beneath(directory, code, day)) found.add(one)
  }
  return found
}

/** Whoever stands beneath on a day, open or not, no deeper than hierarchies are followed upwards. */
function beneath(directory: DirectorySnapshot, root: AgencyCode, day: string): Set<AgencyCode> {
  const found = new Set<AgencyCode>()
  let level = [root]
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const next: AgencyCode[] = []
    for (const parent of level)
      for (const child of directory.childrenOfAnyDay(parent)) {
        if (child === root || found.has(child) || directory.ancestors(child, day)[0] !== parent) continue
        found.add(child)
        next.push(child)
      }
    level = next
  }
  return found
}

/** Whether a system serves an agency on a day. */
export const servesOn =
  ({ serves }: Serving): ((directory: DirectorySnapshot, code: AgencyCode, day: string) => boolean) =>
  (directory, code, day) => {
    if (serves.some((served) => served.code === code)) return true
    const roots = serves.filter(({ withBeneath }) => withBeneath)
    if (roots.length === 0) return false
    const above = new Set(directory.ancestors(code, day))
    return roots.some((root) => above.has(root.code))
  }

/**
 * Whether a system sends in the name of an agency on a day: what intake asks before it takes a packet. An agency that
 * has closed is served by whoever serves one of those that took over from it.
 */
export const sendsFor = (system: Serving): ReturnType<typeof servesOn> => {
  const serves = servesOn(system)
  return (directory, code, day) =>
    [code, ...successorsOf(directory, code, day)].some((one) => serves(directory, one, day))
}
