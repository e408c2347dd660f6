import type { Agency } from '../../domain/agency.ts'
import { type Fact, holdsOn } from '../../domain/directory/fact.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot, FactOfKind } from './snapshot.ts'

/** An agency as it is on a day, in one piece. */
export interface AgencyRecord extends Agency {
  /** Of that day, and of days before: they still lead to it. */
  readonly aliases: readonly string[]
  /** The latest revision of the directory that said anything of it. */
  readonly revision: number
}

/**
 * An agency as it is on a day (`yyyy-MM-dd`, Vietnam); where it is not open then, as it was when it last was, or will
 * first be. Undefined for a code that is no agency's.
 */
export function agencyRecord(
  directory: DirectorySnapshot,
  code: AgencyCode,
  day: string,
): AgencyRecord | undefined {
  const agency = directory.agency(code, day)
  const existence = lifetimeAt(directory.factsOfKind(code, 'existence'), day)
  if (agency === undefined || existence === undefined) return undefined
  const facts = directory.factsOf(code)
  return {
    ...agency,
    validFrom: existence.validFrom,
    validTo: existence.validTo,
    successor: successorOf(facts, existence.validTo),
    aliases: aliasesOf(facts, day),
    revision: facts.reduce((latest, { assertedIn }) => Math.max(latest, assertedIn), 0),
  }
}

/** By code or alias. Keys of the answer are the spellings that were asked for. */
export function findAgencies(
  directory: DirectorySnapshot,
  spellings: Iterable<string>,
  day: string,
): Map<string, AgencyRecord> {
  const found = new Map<string, AgencyRecord>()
  for (const spelling of spellings) {
    const named = directory.codeOf(spelling, day)
    const agency = named && agencyRecord(directory, named.code, day)
    if (agency !== undefined) found.set(spelling, agency)
  }
  return found
}

/** The interval that holds on a day, else the last before it, else the first to come. */
function lifetimeAt(
  existences: readonly FactOfKind<'existence'>[],
  day: string,
): FactOfKind<'existence'> | undefined {
  const inOrder = [...existences].sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1))
  return inOrder.findLast(({ validFrom }) => validFrom <= day) ?? inOrder[0]
}

/** The main one, known from the day on which the end is. */
const successorOf = (facts: readonly Fact[], end: string | null): AgencyCode | null => {
  const succession = facts.find(
    (fact): fact is FactOfKind<'succession'> =>
      fact.kind === 'succession' && end !== null && holdsOn(fact, end),
  )
  return succession?.value.main ?? null
}

const aliasesOf = (facts: readonly Fact[], day: string): string[] =>
  facts
    .flatMap((fact) => (fact.kind === 'alias' && fact.validFrom <= day ? [fact.value.alias] : []))
    .filter((alias, index, all) => all.indexOf(alias) === index)
    .sort()
