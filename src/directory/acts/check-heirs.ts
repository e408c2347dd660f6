import type { Act } from '../../domain/directory/act.ts'
import { isKnownAndOpen } from './named-agencies.ts'
import type { Step } from './step.ts'

/** Whether those who take over from a split agency are there, and which of them takes what is clear; refused otherwise. */
export function checkHeirs(step: Step, act: Extract<Act, { act: 'split' }>): boolean {
  const { code, into, main, on } = act
  let fine = true
  const refuse: Step['refuse'] = (remark) => {
    fine = false
    step.refuse(remark)
  }
  if (into.length === 0)
    refuse({
      code: 'split-into-nobody',
      field: 'into',
      vi: 'Ghi các cơ quan được chia tách ra.',
      en: 'Name the agencies that it is split into.',
    })
  const types = new Set<string>()
  into.forEach((heir, index) => {
    const field = `into/${index}`
    if (heir.code === code)
      refuse({
        code: 'heir-is-itself',
        field: `${field}/code`,
        found: code,
        vi: 'Cơ quan bị chia tách kết thúc hoạt động; nếu vẫn tiếp tục thì chỉ cần thành lập cơ quan mới.',
        en: 'What is split ends; where it goes on, establish the new agencies instead.',
      })
    else if (!isKnownAndOpen(step, 'heir', `${field}/code`, heir.code, on)) fine = false
    if (into.findIndex((one) => one.code === heir.code) !== index)
      refuse({
        code: 'heir-repeated',
        field: `${field}/code`,
        found: heir.code,
        vi: 'Cơ quan kế thừa này đã được ghi.',
        en: 'This successor stands here twice.',
      })
    for (const type of heir.documentTypes ?? []) {
      if (types.has(type))
        refuse({
          code: 'document-type-repeated',
          field: `${field}/documentTypes`,
          found: type,
          vi: `Loại văn bản ${type} đã giao cho cơ quan khác.`,
          en: `Documents of the kind ${type} already go to another successor.`,
        })
      types.add(type)
    }
  })
  if (main !== null && !into.some((heir) => heir.code === main))
    refuse({
      code: 'main-not-an-heir',
      field: 'main',
      found: main,
      vi: 'Cơ quan kế thừa chính phải nằm trong các cơ quan được chia tách ra.',
      en: 'The main successor must be among those that it is split into.',
    })
  if (main === null && types.size === 0 && into.length > 0)
    refuse({
      code: 'split-without-rule',
      field: 'main',
      vi: 'Ghi cơ quan kế thừa chính, hoặc loại văn bản mà mỗi cơ quan nhận.',
      en: 'Name a main successor, or which kinds of document each one takes.',
    })
  return fine
}
