import type { FactValues, Interval, NewFact } from '../../domain/directory/fact.ts'
import { saysTheSame } from '../../domain/directory/fact-values.ts'
import { earlierEnd } from '../../domain/directory/intervals.ts'
import type { Succession } from '../../domain/directory/succession.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { FactOfKind } from '../snapshot/fact-index.ts'
import { type DirectorySnapshot, MAX_DEPTH } from '../snapshot/snapshot.ts'

export type Placement = FactValues['placement']
export type Placed = NewFact<'placement'>

/** Whom those beneath an agency that ends come under; null where they stay as they are. */
const followedBy = ({ main, children }: Succession): AgencyCode | null => (children === 'stay' ? null : main)

/**
 * Who is above an agency on a day, where an agency is named that may have ended by then: whoever took that one over, and
 * those who took over from there. Who takes over from its own parent comes in that one's place. Where nobody took over,
 * it is the last of them, although closed.
 */
export const standsUnder = (
  view: DirectorySnapshot,
  child: AgencyCode,
  parent: AgencyCode | null,
  day: string,
): AgencyCode | null => wayUp(view, child, parent, day).above

/** As `standsUnder`, with those in whose place it comes. */
export function wayUp(
  view: DirectorySnapshot,
  child: AgencyCode,
  parent: AgencyCode | null,
  day: string,
): { readonly above: AgencyCode | null; readonly inPlaceOf: readonly AgencyCode[] } {
  const inPlaceOf: AgencyCode[] = []
  let above = parent
  for (let steps = 0; above !== null && steps < MAX_DEPTH; steps += 1) {
    const taker = takerWhenEnded(view, above, day)
    if (taker === above) break
    if (bearsBy(view, taker, day) === child) {
      inPlaceOf.push(above)
      above = view.nearest(above, 'placement', day)?.value.parent ?? null
    } else above = taker
  }
  return { above, inPlaceOf }
}

/** What ended an agency by a day, and whom those beneath came under; undefined where it is open, or they stayed. */
function endOf(view: DirectorySnapshot, code: AgencyCode, day: string) {
  const succession = view.isOpen(code, day) ? undefined : view.fact(code, 'succession', day)
  const taker = succession === undefined ? null : followedBy(succession.value)
  return succession === undefined || taker === null
    ? undefined
    : { on: succession.validFrom, taker, act: succession.value.act }
}

/** Who was there to take over those beneath an agency on the day on which it ended; itself while it is open. */
function takerWhenEnded(view: DirectorySnapshot, code: AgencyCode, day: string): AgencyCode {
  const end = endOf(view, code, day)
  let taker = end?.taker ?? code
  for (let steps = 0; steps < MAX_DEPTH && end !== undefined; steps += 1) {
    const before = endOf(view, taker, day)
    if (before === undefined || before.on >= end.on) break
    taker = before.taker
  }
  return taker
}

/** The code that an agency bears by a day. */
function bearsBy(view: DirectorySnapshot, code: AgencyCode, day: string): AgencyCode {
  let now = code
  for (let steps = 0; steps < MAX_DEPTH; steps += 1) {
    const end = endOf(view, now, day)
    if (end?.act !== 'recode') break
    now = end.taker
  }
  return now
}

/** Who has taken over from an agency by a day, one after the other: itself while it is open. */
export function takerOf(view: DirectorySnapshot, code: AgencyCode, day: string): AgencyCode {
  let taker = code
  for (let steps = 0; steps < MAX_DEPTH; steps += 1) taker = endOf(view, taker, day)?.taker ?? taker
  return taker
}

/** Where an agency stands that is put beneath another for some days, on which that one, or who takes over, may end. */
export function placedAlong(
  view: DirectorySnapshot,
  child: AgencyCode,
  { tier, parent }: Placement,
  days: Interval,
): Placed[] {
  const found: Placed[] = []
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

/** Whether a placement only says that an agency went along with the one above it, when that one was taken over. */
export const isDerived = (
  view: DirectorySnapshot,
  was: FactOfKind<'placement'>,
  next: FactOfKind<'placement'>,
): boolean =>
  was.validTo === next.validFrom &&
  was.value.parent !== next.value.parent &&
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
