import {
  FACT_KINDS,
  type FactKind,
  type FactValues,
  holdsOn,
  type NewFact,
} from '../../domain/directory/fact.ts'
import { keyOf, saysTheSame } from '../../domain/directory/fact-values.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { nameOf, type Step } from './step.ts'

interface Setting {
  readonly subject: AgencyCode
  readonly on: string
  readonly until?: string | null
  /** The field of the act that says it. */
  readonly field: string
}

/** Says a value from a day on; tells where that changes nothing, and where something else is planned for later. */
export function setFact<K extends FactKind>(
  step: Step,
  kind: K,
  value: FactValues[K],
  { subject, on, until = null, field }: Setting,
): void {
  if (areReversed(step, on, until)) return
  const made = { kind, subject, value, validFrom: on, validTo: until } as NewFact
  const now = step.view
    .factsOfKind<FactKind>(subject, kind)
    .find((fact) => holdsOn(fact, on) && keyOf(fact) === keyOf(made))
  const label = FACT_KINDS[kind].label
  const name = nameOf(step.view, subject, on)
  if (now !== undefined && saysTheSame(now.value, value) && (until === null || until === now.validTo)) {
    nothingChanges(step, field)
    return
  }
  const next = step.bench.set(kind, subject, value, on, until)
  if (next === undefined) return
  step.warn({
    code: 'later-change-planned',
    field,
    found: next.validFrom,
    vi: `${name}: đã ghi sẵn thay đổi khác về ${label.vi} từ ${next.validFrom}; nội dung này chỉ có hiệu lực đến trước ngày đó.`,
    en: `${name}: another ${label.en} is on record from ${next.validFrom}; what is said here holds only until then.`,
  })
}

/** Ends a fact on the day of an act. */
export function endFact(step: Step, kind: FactKind, key: string, { subject, on, field }: Setting): boolean {
  const now = step.view
    .factsOfKind<FactKind>(subject, kind)
    .find((fact) => holdsOn(fact, on) && keyOf(fact) === key)
  if (now === undefined) {
    step.refuse({
      code: 'nothing-to-end',
      field,
      ...(key !== '' && { found: key }),
      vi: `${nameOf(step.view, subject, on)} không có ${FACT_KINDS[kind].label.vi} này vào ngày ${on}.`,
      en: `${nameOf(step.view, subject, on)} has no such ${FACT_KINDS[kind].label.en} on ${on}.`,
    })
    return false
  }
  step.bench.endAt(now, on)
  return true
}

export const nothingChanges = (step: Step, field: string): void =>
  step.warn({
    code: 'nothing-changes',
    field,
    vi: 'Danh bạ đã ghi đúng như vậy; không có gì thay đổi.',
    en: 'The directory says so already; nothing changes.',
  })

/** Whether an end does not lie after its beginning; refused where so. */
export function areReversed(step: Step, on: string, until: string | null | undefined): boolean {
  if (until === null || until === undefined || until > on) return false
  step.refuse({
    code: 'days-reversed',
    field: 'until',
    found: until,
    vi: `Ngày kết thúc phải sau ngày bắt đầu ${on}.`,
    en: `The day of the end must be after the first day, ${on}.`,
  })
  return true
}
