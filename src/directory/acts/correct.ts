import { FACT_KINDS } from '../../domain/directory/fact.ts'
import type { Carry } from './step.ts'

export const correct: Carry<'correct'> = function* (step, { facts, instead }) {
  for (const [index, id] of facts.entries()) {
    // Ids below zero are of this very draft.
    const fact = id > 0 ? step.view.factById(id) : undefined
    if (fact !== undefined) step.bench.retract(fact)
    else
      step.refuse({
        code: 'fact-unknown',
        field: `facts/${index}`,
        found: String(id),
        vi: 'Danh bạ không có dữ kiện này, hoặc dữ kiện đã được rút.',
        en: 'The directory has no such fact, or it was taken back already.',
      })
    yield
  }
  for (const [index, fact] of instead.entries()) {
    const { kind, validFrom, validTo } = fact
    if (validTo === null || validTo > validFrom) step.bench.assert(fact)
    else
      step.refuse({
        code: 'days-reversed',
        field: `instead/${index}/validTo`,
        found: validTo,
        vi: `${FACT_KINDS[kind].label.vi}: ngày kết thúc phải sau ngày bắt đầu ${validFrom}.`,
        en: `${FACT_KINDS[kind].label.en}: the day of the end must be after the first day, ${validFrom}.`,
      })
    yield
  }
  if (facts.length === 0 && instead.length === 0)
    step.refuse({
      code: 'correction-empty',
      field: '',
      vi: 'Ghi dữ kiện được rút hoặc dữ kiện đúng.',
      en: 'Name facts to take back, or what was true instead.',
    })
}
