import { FACT_KINDS, type Fact, holdsOn } from '../../domain/directory/fact.ts'
import type {
  Heir,
  Succession,
  SuccessionAct,
  WhenAddressed,
  WhenInFlight,
} from '../../domain/directory/succession.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { derivedAfter } from './above.ts'
import { isKnown, isKnownAndOpen } from './named-agencies.ts'
import { nameOf, type Step } from './step.ts'
import { WHILE_OPEN } from './workbench.ts'

interface Policy {
  readonly whenAddressed?: WhenAddressed
  readonly whenInFlight?: WhenInFlight
  readonly basis?: string | null
  readonly children?: 'follow' | 'stay'
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
  const stay = main !== null && policy.children === 'stay' ? ({ children: 'stay' } as const) : {}
  return { act, heirs, main, whenAddressed, whenInFlight, basis: policy.basis ?? null, ...stay }
}

/**
 * Ends everything that an agency has only while it is open, and says who takes over. Aliases stay: documents go on
 * naming it by them.
 * @returns whether it can end on this day; refused where not
 */
export function endAgency(
  step: Step,
  field: string,
  code: AgencyCode,
  on: string,
  succession: Succession,
): boolean {
  const { bench, view } = step
  if (!mayEnd(step, field, code, on)) return false
  const derived = derivedAfter(view, code, on)
  if (contradicts(step, field, code, on, derived)) return false
  for (const fact of derived) bench.retract(fact)
  for (const fact of [...view.factsOf(code)])
    if (WHILE_OPEN.some((kind) => kind === fact.kind) && holdsOn(fact, on)) bench.endAt(fact, on)
  bench.assert({ subject: code, kind: 'succession', value: succession, validFrom: on, validTo: null })
  return true
}

/** It must have been open the day before; it may already be known to end on the very day, with nobody named yet. */
function mayEnd(step: Step, field: string, code: AgencyCode, on: string): boolean {
  const { view } = step
  if (!isKnown(step, 'agency', field, code, on)) return false
  const existences = view.factsOfKind(code, 'existence')
  const endsByItself = !view.isOpen(code, on) && existences.some(({ validTo }) => validTo === on)
  if (endsByItself && view.fact(code, 'succession', on) === undefined) return true
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
function contradicts(
  step: Step,
  field: string,
  code: AgencyCode,
  on: string,
  derived: readonly Fact[],
): boolean {
  const later = step.view
    .factsOf(code)
    .filter((fact) => fact.validFrom > on && (fact.kind === 'succession' || isWhileOpen(fact)))
    .filter((fact) => !derived.some(({ id }) => id === fact.id))
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
