import { suggestCode } from '../../domain/directory/suggest-code.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { nameOf, type Step } from './step.ts'

/** The code that somebody may have meant by one that is unknown: whose alias it is, else the usual rewriting of it. */
export function meantBy(view: DirectorySnapshot, spelling: string, day: string): AgencyCode | undefined {
  const holder = view.codeOf(spelling, day)?.code
  if (holder !== undefined && holder !== spelling) return holder
  const suggested = suggestCode(spelling)
  return suggested !== null && view.agency(suggested, day) !== undefined ? suggested : undefined
}

/**
 * Whether a code that an act names is an agency's; refused where it is not. Acts name agencies by their codes, never by
 * aliases.
 * @param what `agency`, `parent`, …: the fault is `agency-unknown`, `parent-unknown`, …
 */
export function isKnown(step: Step, what: string, field: string, code: AgencyCode, on: string): boolean {
  if (step.view.agency(code, on) !== undefined) return true
  step.refuse({
    code: `${what}-unknown`,
    field,
    found: code,
    expected: meantBy(step.view, code, on),
    ...(step.view.isGroup(code)
      ? {
          vi: `${code} là nhóm nơi nhận, không phải cơ quan.`,
          en: `${code} is an address group, not an agency.`,
        }
      : {
          vi: `Không có cơ quan nào mang mã ${code} trong danh bạ.`,
          en: `No agency in the directory has the code ${code}.`,
        }),
  })
  return false
}

/** Whether an agency that an act names is known and open on the day of the act; refused where it is not. */
export function isKnownAndOpen(
  step: Step,
  what: string,
  field: string,
  code: AgencyCode,
  on: string,
): boolean {
  if (!isKnown(step, what, field, code, on)) return false
  if (step.view.isOpen(code, on)) return true
  step.refuse(notOpen(step.view, what, field, code, on))
  return false
}

function notOpen(view: DirectorySnapshot, what: string, field: string, code: AgencyCode, on: string) {
  const succession = view.fact(code, 'succession', on)
  const name = nameOf(view, code, on)
  const closed = succession?.validFrom ?? view.nearest(code, 'existence', on)?.validTo ?? null
  const first = view.factsOfKind(code, 'existence').find(({ validFrom }) => validFrom > on)?.validFrom
  const common = { code: `${what}-not-open`, field, found: code }
  if (closed === null || (first !== undefined && closed > on))
    return {
      ...common,
      vi: `${name} chưa hoạt động vào ngày ${on}${first === undefined ? '' : ` (bắt đầu từ ${first})`}.`,
      en: `${name} is not open yet on ${on}${first === undefined ? '' : ` (it begins on ${first})`}.`,
    }
  return {
    ...common,
    expected: succession?.value.main ?? undefined,
    vi: `${name} không hoạt động vào ngày ${on} (đóng từ ${closed}).`,
    en: `${name} is not open on ${on} (closed from ${closed}).`,
  }
}
