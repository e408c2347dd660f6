import type { FactValues, Interval, NewFact } from '../../domain/directory/fact.ts'
import { saysTheSame } from '../../domain/directory/fact-values.ts'
import { earlierEnd } from '../../domain/directory/intervals.ts'
import type { Succession } from '../../domain/directory/succession.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Sliced } from '../slices.ts'
import type { FactOfKind } from '../snapshot/fact-index.ts'
import { type DirectorySnapshot, MAX_DEPTH } from '../snapshot/snapshot.ts'
import type { Workbench } from './workbench.ts'

type Placement = FactValues['placement']

/** Whom those beneath an agency that ends come under; null where they stay as they are. */
const followedBy = ({ main, children }: Succession): AgencyCode | null => (children === 'stay' ? null : main)

/**
 * Who is above an agency on a day, where an agency is named that may have ended by then: whoever took it over, and those
 * who took that one over. Who takes over from its own parent comes in that one's place. Where nobody took over, it is the
 * last of them, although closed.
 */
export function standsUnder(
  view: DirectorySnapshot,
  child: AgencyCode,
  parent: AgencyCode | null,
  day: string,
): AgencyCode | null {
  let above = parent
  for (let steps = 0; above !== null && steps < MAX_DEPTH; steps += 1) {
    const taker = takerOf(view, above, day)
    if (taker !== child || taker === above) return taker
    above = view.nearest(above, 'placement', day)?.value.parent ?? null
  }
  return above
}

/** Who has those on a day that stood beneath an agency: itself while it is open. */
export function takerOf(view: DirectorySnapshot, code: AgencyCode, day: string): AgencyCode {
  let taker = code
  for (let steps = 0; steps < MAX_DEPTH && !view.isOpen(taker, day); steps += 1) {
    const succession = view.fact(taker, 'succession', day)?.value
    const next = succession === undefined ? null : followedBy(succession)
    if (next === null) break
    taker = next
  }
  return taker
}

/** Where an agency stands that is put beneath another for some days, on which that one, or who takes over, may end. */
function placedAlong(
  view: DirectorySnapshot,
  child: AgencyCode,
  { tier, parent }: Placement,
  days: Interval,
): NewFact<'placement'>[] {
  const found: NewFact<'placement'>[] = []
  let above = parent
  let from = days.validFrom
  for (;;) {
    above = standsUnder(view, child, above, from)
    const validTo = earlierEnd(above === null ? null : nextEnd(view, above, from), days.validTo)
    const last = found.at(-1)
    const value = { tier, parent: above }
    if (last !== undefined && last.value.parent === above) found[found.length - 1] = { ...last, validTo }
    else found.push({ subject: child, kind: 'placement', value, validFrom: from, validTo })
    if (validTo === null || validTo === days.validTo) return found
    from = validTo
  }
}

/** The next day on which an agency ends and those beneath it follow; null where none is on record. */
const nextEnd = (view: DirectorySnapshot, code: AgencyCode, day: string): string | null =>
  view
    .factsOfKind(code, 'succession')
    .filter(({ validFrom, value }) => validFrom > day && followedBy(value) !== null)
    .reduce<string | null>((first, { validFrom }) => earlierEnd(first, validFrom), null)

/** Puts an agency beneath another for some days, or beneath whoever takes over from that one meanwhile. */
export function place(bench: Workbench, subject: AgencyCode, value: Placement, days: Interval): void {
  for (const piece of placedAlong(bench.view, subject, value, days)) bench.assert(piece)
}

/** Brings a placement on the bench, from a day on, beneath whoever took over from the parent that it names. */
export function settle(bench: Workbench, fact: FactOfKind<'placement'>, from = fact.validFrom): void {
  const validFrom = from > fact.validFrom ? from : fact.validFrom
  const pieces = placedAlong(bench.view, fact.subject, fact.value, { validFrom, validTo: fact.validTo })
  if (pieces.length === 1 && pieces[0]?.value.parent === fact.value.parent) return
  bench.endAt(fact, validFrom)
  for (const piece of pieces) bench.assert(piece)
}

/** Brings everybody who would stand beneath an ended agency, from then on or from later on, beneath who took it over. */
export function* movingChildren(bench: Workbench, from: AgencyCode, on: string): Sliced<void> {
  const { view } = bench
  for (const child of [...view.childrenOfAnyDay(from)]) {
    yield
    for (const fact of view.factsOfKind(child, 'placement'))
      if (fact.value.parent === from && (fact.validTo === null || fact.validTo > on)) settle(bench, fact, on)
  }
}

/** Whether a placement only says that an agency went along with the one above it, when that one was taken over. */
export const isDerived = (
  view: DirectorySnapshot,
  was: FactOfKind<'placement'>,
  next: FactOfKind<'placement'>,
): boolean =>
  was.validTo === next.validFrom &&
  saysTheSame(next.value, {
    tier: was.value.tier,
    parent: standsUnder(view, was.subject, was.value.parent, next.validFrom),
  })

/** Placements from after a day that nobody said: each goes along with the one above. */
export function derivedAfter(
  view: DirectorySnapshot,
  code: AgencyCode,
  day: string,
): FactOfKind<'placement'>[] {
  const found: FactOfKind<'placement'>[] = []
  let was = view.fact(code, 'placement', day)
  for (;;) {
    const end = was?.validTo
    const next = end == null ? undefined : view.fact(code, 'placement', end)
    if (was === undefined || next === undefined || !isDerived(view, was, next)) return found
    found.push(next)
    was = next
  }
}
