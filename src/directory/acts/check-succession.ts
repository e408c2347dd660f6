import type { Interval } from '../../domain/directory/fact.ts'
import { overlap } from '../../domain/directory/intervals.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { type DirectorySnapshot, MAX_DEPTH } from '../snapshot/snapshot.ts'
import { type Check, error, type Finding } from './check-facts.ts'
import { meantBy } from './named-agencies.ts'
import { nameOf } from './step.ts'

/** Nobody has a successor while open. */
export const checkSuccessionWhileOpen: Check = (view, subject, kinds) => {
  if (!kinds.has('succession') && !kinds.has('existence')) return []
  for (const succession of view.factsOfKind(subject, 'succession'))
    for (const existence of view.factsOfKind(subject, 'existence')) {
      const both = overlap(succession, existence)
      if (both === undefined) continue
      return [
        error(subject, kinds.has('succession') ? 'succession' : 'existence', {
          code: 'succession-while-open',
          found: both.validFrom,
          vi: `${nameOf(view, subject, both.validFrom)} đang hoạt động vào ngày ${both.validFrom} nên không thể có cơ quan kế thừa.`,
          en: `${nameOf(view, subject, both.validFrom)} is open on ${both.validFrom}, so nobody takes over from it.`,
        }),
      ]
    }
  return []
}

/** Who takes over is open on the day, or was itself taken over by somebody who is; and never leads back. */
export const checkHeirsOfAnyDay: Check = (view, subject, kinds) => {
  const successors = kinds.has('succession') ? [subject] : []
  const affected = kinds.has('existence') ? view.predecessorsOfAnyDay(subject) : []
  return [...new Set([...successors, ...affected])].flatMap((code) =>
    view
      .factsOfKind(code, 'succession')
      .flatMap((succession) =>
        succession.value.heirs
          .filter((heir) => code === subject || heir.code === subject)
          .flatMap((heir) => checkHeir(view, code, heir.code, succession, kinds.has('succession'))),
      )
      .map((finding) => ({ ...finding, subject })),
  )
}

function checkHeir(
  view: DirectorySnapshot,
  code: AgencyCode,
  heir: AgencyCode,
  days: Interval,
  bySuccession: boolean,
): Finding[] {
  const kind = bySuccession ? 'succession' : 'existence'
  const day = days.validFrom
  if (view.agency(heir, day) === undefined)
    return [
      error(code, kind, {
        code: 'heir-unknown',
        found: heir,
        expected: meantBy(view, heir, day),
        vi: `Không có cơ quan nào mang mã ${heir} trong danh bạ.`,
        en: `No agency in the directory has the code ${heir}.`,
      }),
    ]
  const back = inheritsFrom(view, heir, code, days, 0)
  if (back !== undefined)
    return [
      error(code, kind, {
        code: 'successor-cycle',
        found: heir,
        vi: `Vào ngày ${back}, kế thừa từ ${nameOf(view, code, back)} sang ${nameOf(view, heir, back)} dẫn ngược lại chính nó, hoặc quá dài.`,
        en: `On ${back}, the succession from ${nameOf(view, code, back)} to ${nameOf(view, heir, back)} leads back, or is too long.`,
      }),
    ]
  if (isTakenOn(view, heir, day)) return []
  return [
    error(code, kind, {
      code: 'heir-not-open',
      found: heir,
      vi: `${nameOf(view, heir, day)} không hoạt động vào ngày ${day}, khi kế thừa ${nameOf(view, code, day)}.`,
      en: `${nameOf(view, heir, day)} is not open on ${day}, when it would take over from ${nameOf(view, code, day)}.`,
    }),
  ]
}

/** Open on a day, or taken over that same day at the latest by somebody who is. */
function isTakenOn(
  view: DirectorySnapshot,
  code: AgencyCode,
  day: string,
  seen = new Set<AgencyCode>(),
): boolean {
  if (view.isOpen(code, day)) return true
  if (seen.has(code)) return false
  seen.add(code)
  const heirs = view.fact(code, 'succession', day)?.value.heirs ?? []
  return heirs.some((heir) => isTakenOn(view, heir.code, day, seen))
}

/** The first day on which a way along heirs comes from one agency to another, or is too long. No way is gone twice. */
function inheritsFrom(
  view: DirectorySnapshot,
  from: AgencyCode,
  to: AgencyCode,
  days: Interval,
  steps: number,
  seen = new Set<string>(),
): string | undefined {
  if (from === to || steps === MAX_DEPTH) return days.validFrom
  const way = `${from} ${days.validFrom} ${days.validTo}`
  if (seen.has(way)) return undefined
  seen.add(way)
  for (const succession of view.factsOfKind(from, 'succession')) {
    const common = overlap(succession, days)
    if (common === undefined) continue
    for (const heir of succession.value.heirs) {
      const found = inheritsFrom(view, heir.code, to, common, steps + 1, seen)
      if (found !== undefined) return found
    }
  }
  return undefined
}
