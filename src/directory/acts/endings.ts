import { holdsOn } from '../../domain/directory/fact.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { checkHeirs } from './check-heirs.ts'
import { endAgency, moveChildren, successionOf } from './end-agency.ts'
import { isTaken } from './establish.ts'
import { isKnownAndOpen } from './named-agencies.ts'
import type { Carry, Step } from './step.ts'

export const merge: Carry<'merge'> = (step, act) => {
  const { codes, into, on, children = 'follow' } = act
  const ending = [...new Set(codes)].filter((code) => code !== into)
  if (ending.length === 0)
    step.refuse({
      code: 'merge-of-one',
      field: 'codes',
      vi: 'Không có cơ quan nào để sáp nhập vào cơ quan này.',
      en: 'There is nobody to be merged into this agency.',
    })
  if (!isKnownAndOpen(step, 'heir', 'into', into, on)) return
  const succession = successionOf(step, 'merge', [{ code: into }], into, act)
  const ended = ending.flatMap((code) => {
    const was = endAgency(step, `codes/${codes.indexOf(code)}`, code, on, succession)
    return was === undefined ? [] : [{ code, ...was }]
  })
  if (children === 'follow') for (const { code, parent } of ended) moveChildren(step, code, into, on, parent)
}

export const split: Carry<'split'> = (step, act) => {
  const { code, into, main, on } = act
  const heirsAreFine = checkHeirs(step, act)
  const ended = endAgency(step, 'code', code, on, successionOf(step, 'split', into, main, act))
  if (ended === undefined || !heirsAreFine) return
  follow(step, code, main, on, act.children ?? (main === null ? 'stay' : 'follow'), ended.parent)
}

export const close: Carry<'close'> = (step, act) => {
  const { code, successor, on } = act
  if (successor === code) {
    step.refuse({
      code: 'heir-is-itself',
      field: 'successor',
      found: code,
      vi: 'Cơ quan kế thừa phải là cơ quan khác.',
      en: 'The successor must be another agency.',
    })
    return
  }
  if (successor !== null && !isKnownAndOpen(step, 'heir', 'successor', successor, on)) return
  const heirs = successor === null ? [] : [{ code: successor }]
  const ended = endAgency(step, 'code', code, on, successionOf(step, 'closure', heirs, successor, act))
  if (ended === undefined) return
  follow(step, code, successor, on, act.children ?? (successor === null ? 'stay' : 'follow'), ended.parent)
}

function follow(
  step: Step,
  code: AgencyCode,
  main: AgencyCode | null,
  on: string,
  children: 'follow' | 'stay',
  parent: AgencyCode | null,
): void {
  if (children === 'stay') return
  if (main !== null) moveChildren(step, code, main, on, parent)
  else
    step.refuse({
      code: 'children-without-successor',
      field: 'children',
      vi: 'Không có cơ quan kế thừa chính để các cơ quan trực thuộc chuyển về.',
      en: 'There is no main successor for the agencies beneath to come under.',
    })
}

/** The kinds of fact that go with an agency to its other code, beside its name and placement. */
const CARRIED = ['endpoint', 'contact', 'certificate'] as const

export const recode: Carry<'recode'> = (step, act) => {
  const { code, newCode, on } = act
  const { bench, view } = step
  if (!isKnownAndOpen(step, 'agency', 'code', code, on)) return
  const until = view.fact(code, 'existence', on)?.validTo ?? null
  if (isTaken(step, 'newCode', newCode, on, until, code)) return
  const before = view.factsOf(code).filter((fact) => holdsOn(fact, on))
  const succession = successionOf(step, 'recode', [{ code: newCode }], newCode, act)
  const children = view.childrenOn(code, on)
  if (endAgency(step, 'code', code, on, succession) === undefined) return
  for (const alias of [...view.aliasFacts(newCode)]) if (holdsOn(alias, on)) bench.endAt(alias, on)
  for (const fact of before) {
    const days = { subject: newCode, validFrom: on, validTo: fact.validTo }
    if (fact.kind === 'existence') bench.assert({ ...days, kind: 'existence', value: {} })
    else if (fact.kind === 'name') bench.assert({ ...days, kind: 'name', value: fact.value })
    else if (fact.kind === 'placement') bench.assert({ ...days, kind: 'placement', value: fact.value })
    else if (CARRIED.some((kind) => kind === fact.kind)) {
      const { kind, value } = fact
      bench.assert({ ...days, kind, value } as typeof fact)
    }
  }
  if (children.length > 0) moveChildren(step, code, newCode, on, null)
}
