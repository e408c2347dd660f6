import type { Bilingual } from '../../domain/bilingual.ts'
import {
  FACT_KINDS,
  type FactKind,
  type FactValues,
  holdsOn,
  type NewFact,
} from '../../domain/directory/fact.ts'
import { keyOf } from '../../domain/directory/fact-values.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { say } from './say.ts'
import type { Later } from './saying.ts'
import { nameOf, type Remark, type Step } from './step.ts'

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
  const key = keyOf({ kind, subject, value, validFrom: on, validTo: until } as NewFact)
  const { changed, later } = say(step.bench, { subject, kind, key, value, on, until })
  if (changed) for (const one of later) step.warn(laterRemark(step, kind, field, one))
  else nothingChanges(step, field)
}

function laterRemark(step: Step, kind: FactKind, field: string, { subject, from, what }: Later): Remark {
  const name = nameOf(step.view, subject, from)
  return {
    code: LATER[what].code,
    field,
    found: from,
    ...LATER[what].text(name, FACT_KINDS[kind].label, from),
  }
}

interface LaterRow {
  readonly code: string
  readonly text: (name: string, label: Bilingual, from: string) => Bilingual
}

const LATER: Record<Later['what'], LaterRow> = {
  change: {
    code: 'later-change-planned',
    text: (name, label, from) => ({
      vi: `${name}: đã ghi sẵn thay đổi khác về ${label.vi} từ ${from}; nội dung này chỉ có hiệu lực đến trước ngày đó.`,
      en: `${name}: another ${label.en} is on record from ${from}; what is said here holds only until then.`,
    }),
  },
  end: {
    code: 'later-change-planned',
    text: (name, label, from) => ({
      vi: `${name}: đã ghi sẵn việc kết thúc ${label.vi} từ ${from}; nội dung này chỉ có hiệu lực đến trước ngày đó.`,
      en: `${name}: the end of this ${label.en} is on record for ${from}; what is said here holds only until then.`,
    }),
  },
  'end-dropped': {
    code: 'planned-end-dropped',
    text: (name, label, from) => ({
      vi: `${name}: ${label.vi} trước đây được ghi kết thúc từ ${from}; nội dung này không kết thúc ngày đó. Nếu cần, ghi until.`,
      en: `${name}: the ${label.en} was on record to end on ${from}; what is said here does not end then. Say until where it should.`,
    }),
  },
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
  const { later } = say(step.bench, { subject, kind, key, value: undefined, on, until: null })
  for (const one of later) step.warn(laterRemark(step, kind, field, one))
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
