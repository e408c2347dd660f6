import type { Agency } from '../../domain/agency.ts'
import { type Fact, holdsOn } from '../../domain/directory/fact.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { latestRevisionOf } from './record-on.ts'
import type { DirectorySnapshot, FactOfKind } from './snapshot.ts'

/** An agency as it is on a day, as it stands in lists of the directory. */
export interface AgencyEntry extends Agency {
  /** Those that lead to it on that day, in their order; also of days before, unless they are another's since. */
  readonly aliases: readonly string[]
  /** The latest revision of the directory that said anything of it. */
  readonly revision: number
}

/**
 * An agency as it is on a day (`yyyy-MM-dd`, Vietnam); where it is not open then, as it was when it last was, or will
 * first be. Undefined for a code that is no agency's.
 */
export function agencyEntry(
  directory: DirectorySnapshot,
  code: AgencyCode,
  day: string,
): AgencyEntry | undefined {
  const agency = directory.agency(code, day)
  const existence = directory.nearest(code, 'existence', day)
  if (agency === undefined || existence === undefined) return undefined
  const facts = directory.factsOf(code)
  return {
    ...agency,
    validFrom: existence.validFrom,
    validTo: existence.validTo,
    successor: successorOf(facts, existence.validTo),
    aliases: directory.spellingsOf(code, day).slice(1).sort(),
    revision: latestRevisionOf(facts),
  }
}

/** By code or alias. Keys of the answer are the spellings that were asked for. */
export function findAgencies(
  directory: DirectorySnapshot,
  spellings: Iterable<string>,
  day: string,
): Map<string, AgencyEntry> {
  const found = new Map<string, AgencyEntry>()
  for (const spelling of spellings) {
    const named = directory.codeOf(spelling, day)
    const agency = named && agencyEntry(directory, named.code, day)
    if (agency !== undefined) found.set(spelling, agency)
  }
  return found
}

/** The main one, known from the day on which the end is. */
const successorOf = (facts: readonly Fact[], end: string | null): AgencyCode | null => {
  const succession = facts.find(
    (fact): fact is FactOfKind<'succession'> =>
      fact.kind === 'succession' && end !== null && holdsOn(fact, end),
  )
  return succession?.value.main ?? null
}
