import { heirFor } from '../../domain/directory/succession.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot } from './snapshot.ts'

/** So many are followed: more than any agency of the country has had. */
const MOST = 10_000

/**
 * Everybody from whom an agency has taken over by a day, however many steps ago, the nearest first. It speaks for them:
 * of what they sent, and of what they were sent. Ends also where the directory is wrong and goes in circles.
 */
export const predecessorsOf = (snapshot: DirectorySnapshot, code: AgencyCode, day: string): AgencyCode[] =>
  follow(code, (one) => snapshot.predecessorsOn(one, day).filter((earlier) => !snapshot.isOpen(earlier, day)))

/**
 * Of these predecessors those whose successor for everything it is: by merger, another code or closure, or as the main
 * heir of a split. Who was given but some kinds of document at a split does not look into the rest.
 */
export const mainPredecessorsOf = (
  snapshot: DirectorySnapshot,
  code: AgencyCode,
  day: string,
): AgencyCode[] =>
  follow(code, (one) =>
    snapshot
      .predecessorsOn(one, day)
      .filter(
        (earlier) =>
          !snapshot.isOpen(earlier, day) && snapshot.fact(earlier, 'succession', day)?.value.main === one,
      ),
  )

/**
 * Of these predecessors those whose documents of one kind it looks into: it took over everything of theirs, or that kind.
 * @param documentType name of the kind; undefined for what has none, such as a status
 */
export const predecessorsForType = (
  snapshot: DirectorySnapshot,
  code: AgencyCode,
  day: string,
  documentType: string | undefined,
): AgencyCode[] =>
  follow(code, (one) =>
    snapshot.predecessorsOn(one, day).filter((earlier) => {
      const succession = snapshot.fact(earlier, 'succession', day)?.value
      if (succession === undefined || snapshot.isOpen(earlier, day)) return false
      return succession.main === one || heirFor(succession, documentType) === one
    }),
  )

/** Everybody who has taken over from an agency by a day, whatever part of it, the nearest first. */
export const successorsOf = (snapshot: DirectorySnapshot, code: AgencyCode, day: string): AgencyCode[] =>
  follow(code, (one) =>
    snapshot.isOpen(one, day)
      ? []
      : (snapshot.fact(one, 'succession', day)?.value.heirs.map((heir) => heir.code) ?? []),
  )

function follow(from: AgencyCode, next: (code: AgencyCode) => readonly AgencyCode[]): AgencyCode[] {
  const found = new Set<AgencyCode>([from])
  for (const one of found) {
    if (found.size > MOST) break
    for (const code of next(one)) found.add(code)
  }
  found.delete(from)
  return [...found]
}
