import { FACT_KINDS, type Fact, holdsOn } from '../../domain/directory/fact.ts'
import type {
  Heir,
  Succession,
  SuccessionAct,
  WhenAddressed,
  WhenInFlight,
} from '../../domain/directory/succession.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { isKnown, isKnownAndOpen } from './named-agencies.ts'
import { nameOf, type Step } from './step.ts'
import { WHILE_OPEN } from './workbench.ts'

interface Policy {
  readonly whenAddressed?: WhenAddressed
  readonly whenInFlight?: WhenInFlight
  readonly basis?: string | null
}

/** How an agency ends; documents follow to whoever takes over, where the act does not say otherwise. */
export function successionOf(
  step: Step,
  act: SuccessionAct,
  heirs: readonly Heir[],
  main: AgencyCode | null,
  policy: Policy,
): Succession {
  const followed = heirs.length > 0
  const { whenAddressed = followed ? 'redirect' : 'bounce', whenInFlight = followed ? 'redirect' : 'keep' } =
    policy
  for (const [field, value] of Object.entries({ whenAddressed, whenInFlight }))
    if (value === 'redirect' && !followed)
      step.refuse({
        code: 'redirect-without-successor',
        field,
        vi: 'Không có cơ quan kế thừa để chuyển văn bản tới.',
        en: 'There is no successor to send documents to.',
      })
  return { act, heirs, main, whenAddressed, whenInFlight, basis: policy.basis ?? null }
}

/**
 * Ends everything that an agency has only while it is open, and says who takes over. Aliases stay: documents go on
 * naming it by them.
 * @returns the agency as it was; undefined where it cannot end on this day
 */
export function endAgency(
  step: Step,
  field: string,
  code: AgencyCode,
  on: string,
  succession: Succession,
): { readonly parent: AgencyCode | null } | undefined {
  const { bench, view } = step
  if (!mayEnd(step, field, code, on) || contradicts(step, field, code, on)) return undefined
  const parent = view.agency(code, on)?.parent ?? null
  for (const fact of [...view.factsOf(code)])
    if (WHILE_OPEN.some((kind) => kind === fact.kind) && holdsOn(fact, on)) bench.endAt(fact, on)
  bench.assert({ subject: code, kind: 'succession', value: succession, validFrom: on, validTo: null })
  return { parent }
}

/** It must have been open the day before; it may already be known to end on the very day, with nobody named yet. */
function mayEnd(step: Step, field: string, code: AgencyCode, on: string): boolean {
  const { view } = step
  if (!isKnown(step, 'agency', field, code, on)) return false
  const existences = view.factsOfKind(code, 'existence')
  if (existences.some(({ validTo }) => validTo === on) && view.fact(code, 'succession', on) === undefined)
    return true
  if (!isKnownAndOpen(step, 'agency', field, code, on)) return false
  if (!existences.some(({ validFrom }) => validFrom === on)) return true
  step.refuse({
    code: 'days-reversed',
    field: 'on',
    found: on,
    vi: `${nameOf(view, code, on)} bắt đầu hoạt động chính ngày này; ngày đóng phải sau đó.`,
    en: `${nameOf(view, code, on)} begins on this very day; the day of closing must be after it.`,
  })
  return false
}

/** Whether something is on record for days on which the agency would be closed; refused where so. */
function contradicts(step: Step, field: string, code: AgencyCode, on: string): boolean {
  const later = step.view
    .factsOf(code)
    .filter((fact) => fact.validFrom > on && (fact.kind === 'succession' || isWhileOpen(fact)))
    .sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1))
  for (const fact of later)
    step.refuse({
      code: 'later-fact-contradicts',
      field,
      found: `${fact.kind} ${fact.validFrom}`,
      vi: `${nameOf(step.view, code, on)}: danh bạ đã ghi ${FACT_KINDS[fact.kind].label.vi} từ ${fact.validFrom}, sau ngày đóng; hãy rút nội dung đó trước.`,
      en: `${nameOf(step.view, code, on)}: ${FACT_KINDS[fact.kind].label.en} is on record from ${fact.validFrom}, after the closing; take that back first.`,
    })
  return later.length > 0
}

const isWhileOpen = (fact: Fact): boolean => WHILE_OPEN.some((kind) => kind === fact.kind)

/** Brings the agencies that stand directly beneath a closed one under another. */
export function moveChildren(
  step: Step,
  from: AgencyCode,
  to: AgencyCode,
  on: string,
  grandparent: AgencyCode | null,
): void {
  for (const child of step.view.childrenOn(from, on)) {
    const tier = step.view.agency(child, on)?.tier
    if (tier === undefined) continue
    // Who takes over from its own parent comes in that one's place.
    const parent = child === to ? grandparent : to
    const next = step.bench.set('placement', child, { tier, parent }, on)
    if (next !== undefined)
      step.warn({
        code: 'later-change-planned',
        field: '',
        found: `${child} ${next.validFrom}`,
        vi: `${nameOf(step.view, child, on)}: đã ghi sẵn cơ quan chủ quản khác từ ${next.validFrom}.`,
        en: `${nameOf(step.view, child, on)}: another parent is on record from ${next.validFrom}.`,
      })
  }
}
