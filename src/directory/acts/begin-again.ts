import type { AgencyCode } from '../../domain/identifiers.ts'
import { nameOf, type Remark, type Step } from './step.ts'

/** The code of an agency that has closed is given again: nobody takes over from that one any more, and this is told. */
export function beginAgain(step: Step, code: AgencyCode, on: string): void {
  const succession = step.view.fact(code, 'succession', on)
  if (succession === undefined) return
  step.bench.endAt(succession, on)
  const name = nameOf(step.view, code, on)
  step.warn(succession.validFrom === on ? usedSameDay(code, name, on) : usedBefore(code, name, on))
  warnOfPredecessors(step, code, on)
}

const usedBefore = (code: AgencyCode, name: string, on: string): Remark => ({
  code: 'code-used-before',
  field: 'code',
  found: code,
  vi: `Mã này đã thuộc ${name}; từ ${on} văn bản ghi mã này không còn chuyển tới cơ quan kế thừa.`,
  en: `This was the code of ${name}; from ${on} documents that name it no longer go to its successor.`,
})

/** A succession of no day at all leaves no trace on record. */
const usedSameDay = (code: AgencyCode, name: string, on: string): Remark => ({
  code: 'code-used-same-day',
  field: 'code',
  found: code,
  vi: `Mã này thuộc ${name} đến hết ngày trước ${on}; danh bạ không còn ghi ai kế thừa, và nội dung ghi sau cho những ngày trước đó không chuyển sang cơ quan kế thừa.`,
  en: `This is the code of ${name} until ${on}; its successor is no longer on record, and what is said later on of the days before does not go on to it.`,
})

/** Whoever was taken over by the agency that had the code, or is to be, is now taken over by the one that is given it. */
function warnOfPredecessors(step: Step, code: AgencyCode, on: string): void {
  const { view } = step
  for (const earlier of view.predecessorsOfAnyDay(code)) {
    const succession = view
      .factsOfKind(earlier, 'succession')
      .find(
        ({ validTo, value }) =>
          (validTo === null || validTo > on) && value.heirs.some((heir) => heir.code === code),
      )
    if (succession === undefined) continue
    const { validFrom } = succession
    const name = nameOf(view, earlier, validFrom)
    step.warn({
      code: 'heir-opens-again',
      field: 'code',
      found: earlier,
      vi: `${name} kết thúc từ ${validFrom} với mã này là cơ quan kế thừa; từ ${on} văn bản ghi ${earlier} chuyển tới cơ quan mới mang mã này.`,
      en: `${name} ends on ${validFrom} with this code as its successor; from ${on} documents that name ${earlier} go to the new agency of the code.`,
    })
  }
}
