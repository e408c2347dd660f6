import { FACT_KINDS, type Interval } from '../../domain/directory/fact.ts'
import { overlap, uncovered } from '../../domain/directory/intervals.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { type DirectorySnapshot, MAX_DEPTH } from '../snapshot/snapshot.ts'
import { type Check, error, type Finding } from './check-facts.ts'
import { meantBy } from './named-agencies.ts'
import { nameOf } from './step.ts'

/** On no day does an agency stand beneath itself, nor too far down. */
export const checkParentCycles: Check = (view, subject, kinds) => {
  if (!kinds.has('placement')) return []
  for (const { validFrom, validTo, value } of view.factsOfKind(subject, 'placement')) {
    if (value.parent === null) continue
    if (view.agency(value.parent, validFrom) === undefined)
      return [parentUnknown(view, subject, value.parent, validFrom)]
    const day = leadsBack(view, value.parent, subject, { validFrom, validTo }, [])
    if (day !== undefined) return [cycle(view, subject, value.parent, day)]
  }
  return []
}

/**
 * The first day on which the way up from one agency comes to another, or does not end: each part of the days on which
 * somebody on the way stands elsewhere is followed by itself.
 */
function leadsBack(
  view: DirectorySnapshot,
  from: AgencyCode,
  to: AgencyCode,
  days: Interval,
  passed: readonly AgencyCode[],
): string | undefined {
  if (from === to || passed.length === MAX_DEPTH) return days.validFrom
  // A circle further up is told of those who are in it.
  if (passed.includes(from)) return undefined
  for (const placement of view.factsOfKind(from, 'placement')) {
    const common = placement.value.parent === null ? undefined : overlap(placement, days)
    if (common === undefined || placement.value.parent === null) continue
    const found = leadsBack(view, placement.value.parent, to, common, [...passed, from])
    if (found !== undefined) return found
  }
  return undefined
}

const parentUnknown = (
  view: DirectorySnapshot,
  subject: AgencyCode,
  parent: AgencyCode,
  day: string,
): Finding =>
  error(subject, 'placement', {
    code: 'parent-unknown',
    found: parent,
    expected: meantBy(view, parent, day),
    vi: `Không có cơ quan nào mang mã ${parent} trong danh bạ.`,
    en: `No agency in the directory has the code ${parent}.`,
  })

const cycle = (view: DirectorySnapshot, subject: AgencyCode, parent: AgencyCode, day: string): Finding =>
  error(subject, 'placement', {
    code: 'parent-cycle',
    found: parent,
    vi: `Vào ngày ${day}, ${nameOf(view, parent, day)} dẫn ngược lại chính ${nameOf(view, subject, day)}, hoặc nằm quá sâu.`,
    en: `On ${day}, ${nameOf(view, parent, day)} leads back to ${nameOf(view, subject, day)} itself, or is too far down.`,
  })

/** Whether an agency is open on days on which the one above it is not: let through, and told. */
export const checkParentsOpen: Check = (view, subject, kinds) => {
  const found: Finding[] = []
  if (kinds.has('placement')) {
    const orphaned = orphanedOn(view, subject, undefined)
    if (orphaned !== undefined)
      found.push(parentClosed(view, 'placement', orphaned.parent, orphaned.day, [subject]))
  }
  if (!kinds.has('existence')) return found
  const children = new Map<string, AgencyCode[]>()
  for (const child of view.childrenOfAnyDay(subject)) {
    const orphaned = orphanedOn(view, child, subject)
    if (orphaned !== undefined) children.set(orphaned.day, [...(children.get(orphaned.day) ?? []), child])
  }
  for (const [day, codes] of children) found.push(parentClosed(view, 'existence', subject, day, codes))
  return found
}

/** The first day on which an agency is open and its parent is not. */
function orphanedOn(
  view: DirectorySnapshot,
  code: AgencyCode,
  above: AgencyCode | undefined,
): { readonly parent: AgencyCode; readonly day: string } | undefined {
  for (const placement of view.factsOfKind(code, 'placement')) {
    const { parent } = placement.value
    if (parent === null || (above !== undefined && parent !== above)) continue
    const gap = uncovered(placement, view.factsOfKind(parent, 'existence'))[0]
    if (gap !== undefined) return { parent, day: gap.validFrom }
  }
  return undefined
}

/** How many agencies one warning names. */
const NAMED = 5

function parentClosed(
  view: DirectorySnapshot,
  kind: 'placement' | 'existence',
  parent: AgencyCode,
  day: string,
  children: readonly AgencyCode[],
): Finding {
  const more = children.length > NAMED ? `, … (${children.length})` : ''
  const names = `${children.slice(0, NAMED).join(', ')}${more}`
  return {
    subject: kind === 'existence' ? parent : children[0]!,
    kind,
    severity: 'warning',
    remark: {
      code: 'parent-closed',
      found: names,
      vi: `Từ ${day}, ${names} còn hoạt động nhưng thuộc ${nameOf(view, parent, day)} là cơ quan không hoạt động.`,
      en: `From ${day}, ${names} are open beneath ${nameOf(view, parent, day)}, which is not.`,
    },
  }
}

/** Tiers that are unknown, or closed on days on which somebody still is of them. */
export const checkTiers =
  (tiers: readonly { readonly code: string; readonly closedOn: string | null }[]): Check =>
  (view, subject, kinds) => {
    if (!kinds.has('placement')) return []
    return view.factsOfKind(subject, 'placement').flatMap((placement): Finding[] => {
      const { tier } = placement.value
      const found = tiers.find(({ code }) => code === tier)
      const { label } = FACT_KINDS.placement
      if (found === undefined)
        return [
          error(subject, 'placement', {
            code: 'tier-unknown',
            found: tier,
            expected: tiers.map(({ code }) => code).join(', '),
            vi: `${label.vi}: không có cấp ${tier}.`,
            en: `${label.en}: there is no tier ${tier}.`,
          }),
        ]
      if (found.closedOn === null) return []
      const late = overlap(placement, { validFrom: found.closedOn, validTo: null })
      if (late === undefined) return []
      return [
        {
          subject,
          kind: 'placement',
          severity: 'warning',
          remark: {
            code: 'tier-closed',
            found: tier,
            vi: `${nameOf(view, subject, late.validFrom)} vẫn thuộc cấp ${tier} từ ${late.validFrom}, khi cấp này đã đóng.`,
            en: `${nameOf(view, subject, late.validFrom)} is of the tier ${tier} from ${late.validFrom} on, when that is closed.`,
          },
        },
      ]
    })
  }
