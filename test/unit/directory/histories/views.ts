import { recordOn } from '../../../../src/directory/snapshot/record-on.ts'
import type { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import { FACT_KIND_IDS } from '../../../../src/domain/directory/fact.ts'
import { canonical } from '../../../../src/domain/directory/fact-values.ts'
import type { Resolution } from '../../../../src/domain/directory/resolution.ts'
import { type AgencyCode, agencyCode } from '../../../../src/domain/identifiers.ts'

/** Whether hops lead from one to the next, and the last to the agency that is meant. */
export function hopsFit({ hops, ...found }: Resolution): boolean {
  const end = found.outcome === 'agency' ? found.agency.code : found.last?.code
  return hops.every(({ to }, at) => to.code === (hops[at + 1]?.from.code ?? end))
}

/** Codes from which a way leads back to them on a day: up the hierarchy, or along any heirs. Straight from the facts. */
export function cyclesOn(directory: DirectorySnapshot, day: string): AgencyCode[] {
  const next = (code: AgencyCode): AgencyCode[] => {
    const parent = directory.fact(code, 'placement', day)?.value.parent
    return parent === null || parent === undefined ? [] : [parent]
  }
  const heirs = (code: AgencyCode): AgencyCode[] =>
    directory.fact(code, 'succession', day)?.value.heirs.map((heir) => heir.code) ?? []
  return [...directory.codes()].filter((code) => reaches(code, next) || reaches(code, heirs))
}

function reaches(code: AgencyCode, next: (code: AgencyCode) => AgencyCode[]): boolean {
  const seen = new Set<AgencyCode>()
  const open = next(code)
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === code) return true
    if (seen.has(at)) continue
    seen.add(at)
    open.push(...next(at))
  }
  return false
}

/** Everything that can be asked of a directory, in an order of its own. */
export function sees(
  directory: DirectorySnapshot,
  spellings: readonly string[],
  days: readonly string[],
  withRecord = true,
): unknown {
  const codes = [...directory.codes()].sort()
  return {
    codes,
    size: directory.size,
    record:
      withRecord &&
      codes.map((code) =>
        directory
          .factsOf(code)
          .map(({ id }) => id)
          .sort(),
      ),
    days: days.map((day) => ({
      roots: directory.rootsOn(day).sort(),
      spellings: spellings.map((spelling) => directory.codeOf(spelling, day)),
      agencies: codes.map((code) => ({
        facts: FACT_KIND_IDS.map((kind) =>
          directory
            .factsOn(agencyCode(code), kind, day)
            .map(({ value }) => canonical(value))
            .sort(),
        ),
        agency: directory.agency(code, day),
        children: directory.childrenOn(code, day).sort(),
        predecessors: directory.predecessorsOn(code, day).sort(),
        spellings: directory.spellingsOf(code, day).sort(),
        ancestors: directory.ancestors(code, day),
        endpoint: directory.endpointFor(code, day),
        touched: withRecord && recordOn(directory, code, day)?.lastTouchedRevision,
      })),
    })),
  }
}
