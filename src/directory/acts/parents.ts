import type { Interval } from '../../domain/directory/fact.ts'
import { overlap } from '../../domain/directory/intervals.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Sliced } from '../slices.ts'
import type { FactOfKind } from '../snapshot/fact-index.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { isDerived, type Placed, type Placement, placedAlong } from './above.ts'
import type { Workbench } from './workbench.ts'

/** Puts an agency beneath another for some days, or beneath whoever takes over from that one meanwhile. */
export function place(bench: Workbench, subject: AgencyCode, value: Placement, days: Interval): void {
  for (const piece of placedAlong(bench.view, subject, value, days)) bench.assert(piece)
}

/** Days on which an agency stands where one placement put it: that one, and those that only follow from it. */
export interface Span extends Interval {
  readonly child: AgencyCode
  readonly value: Placement
}

/** Who stands beneath an agency, or would, from a day on; to be asked before it ends. */
export function spansBeneath(view: DirectorySnapshot, code: AgencyCode, on: string): Span[] {
  return view.childrenOfAnyDay(code).flatMap((child) => {
    const facts = view.factsOfKind(child, 'placement').sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1))
    return spansOf(view, facts, on)
      .filter((span) =>
        span.some(({ value, validTo }) => value.parent === code && (validTo === null || validTo > on)),
      )
      .map((span): Span => {
        const [first, last] = [span[0]!, span.at(-1)!]
        return { child, value: first.value, validFrom: first.validFrom, validTo: last.validTo }
      })
  })
}

/** Placements of one agency in their order, each with those that follow from it after a day. */
function spansOf(
  view: DirectorySnapshot,
  facts: readonly FactOfKind<'placement'>[],
  day: string,
): FactOfKind<'placement'>[][] {
  const spans: FactOfKind<'placement'>[][] = []
  for (const fact of facts) {
    const was = spans.at(-1)?.at(-1)
    if (was !== undefined && fact.validFrom > day && isDerived(view, was, fact)) spans.at(-1)?.push(fact)
    else spans.push([fact])
  }
  return spans
}

/** Some come in the place of others who are brought beneath somebody else in turn. */
const MOST_ROUNDS = 4

/** Brings those who stood beneath ended agencies, from a day on, beneath whoever took over. */
export function* resettling(bench: Workbench, spans: readonly Span[], on: string): Sliced<void> {
  let left = spans
  for (let round = 0; round < MOST_ROUNDS && left.length > 0; round += 1) {
    const moved: Span[] = []
    for (const span of left) {
      yield
      if (resettle(bench, span, on)) moved.push(span)
    }
    left = moved.length > 0 && left.length > 1 ? left : []
  }
}

/** @returns whether it stands elsewhere now, on any of the days */
function resettle(bench: Workbench, { child, value, validFrom, validTo }: Span, on: string): boolean {
  const { view } = bench
  // It may have ended with its parent.
  const existence = view.fact(child, 'existence', validFrom)
  const open = existence && overlap(existence, { validFrom, validTo })
  const days = open && overlap(open, { validFrom: on, validTo: null })
  if (open === undefined || days === undefined) return false
  const now = view.factsOfKind(child, 'placement').filter((fact) => overlap(fact, days) !== undefined)
  const pieces = placedAlong(view, child, value, open).filter((piece) => overlap(piece, days) !== undefined)
  const isSame = (piece: Placed): boolean =>
    now.some((fact) => fact.validFrom === piece.validFrom && fact.value.parent === piece.value.parent)
  if (pieces.length === now.length && pieces.every(isSame)) return false
  for (const fact of now) bench.endAt(fact, days.validFrom)
  for (const piece of pieces) bench.assert({ ...piece, ...overlap(piece, days) })
  return true
}
