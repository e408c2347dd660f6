import type { Fact } from '../../domain/directory/fact.ts'
import type { AgencyRecord } from '../../domain/directory/record.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot } from './snapshot.ts'

/** Everything that is said of an agency for a day (`yyyy-MM-dd`, Vietnam); undefined for a code that is no agency's. */
export function recordOn(
  snapshot: DirectorySnapshot,
  code: AgencyCode,
  day: string,
): AgencyRecord | undefined {
  const agency = snapshot.agency(code, day)
  const existence = snapshot.nearest(code, 'existence', day)
  if (agency === undefined || existence === undefined) return undefined
  return {
    ...agency,
    open: snapshot.isOpen(code, day),
    validFrom: existence.validFrom,
    validTo: existence.validTo,
    succession: snapshot.fact(code, 'succession', day)?.value ?? null,
    aliases: snapshot.factsOn(code, 'alias', day).map(({ value }) => value),
    contacts: snapshot.factsOn(code, 'contact', day).map(({ value }) => value),
    endpoint: snapshot.fact(code, 'endpoint', day)?.value ?? null,
    lastTouchedRevision: latestRevisionOf(snapshot.factsOf(code)),
  }
}

/** The latest of the revisions that said some facts; 0 where there are none. */
export const latestRevisionOf = (facts: readonly Fact[]): number =>
  facts.reduce((latest, { assertedIn }) => Math.max(latest, assertedIn), 0)
