import type { Act } from '../../domain/directory/act.ts'
import { holdsOn, type NewFact } from '../../domain/directory/fact.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Sliced } from '../slices.ts'
import { checkHeirs } from './check-heirs.ts'
import { endAgency, successionOf } from './end-agency.ts'
import { isTaken } from './establish.ts'
import { isKnownAndOpen } from './named-agencies.ts'
import { place, resettling, type Span, spansBeneath } from './parents.ts'
import type { Carry, Step } from './step.ts'

export const merge: Carry<'merge'> = function* (step, act) {
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
  const beneath = ending.flatMap((code) => spansBeneath(step.view, code, on))
  for (const code of ending) endAgency(step, `codes/${codes.indexOf(code)}`, code, on, succession)
  // Once all have ended: some may stand beneath others.
  if (children === 'follow') yield* resettling(step.bench, beneath, on)
}

export const split: Carry<'split'> = function* (step, act) {
  const { code, into, main, on } = act
  const heirsAreFine = checkHeirs(step, act)
  const beneath = spansBeneath(step.view, code, on)
  const ended = endAgency(step, 'code', code, on, successionOf(step, 'split', into, main, act))
  if (ended && heirsAreFine) yield* follow(step, beneath, main, act)
}

export const close: Carry<'close'> = function* (step, act) {
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
  const beneath = spansBeneath(step.view, code, on)
  const ended = endAgency(step, 'code', code, on, successionOf(step, 'closure', heirs, successor, act))
  if (ended) yield* follow(step, beneath, successor, act)
}

function* follow(
  step: Step,
  beneath: readonly Span[],
  main: AgencyCode | null,
  { on, children = main === null ? 'stay' : 'follow' }: Act<'split' | 'close'>,
): Sliced<void> {
  if (children === 'stay') return
  if (main !== null) yield* resettling(step.bench, beneath, on)
  else
    step.refuse({
      code: 'children-without-successor',
      field: 'children',
      vi: 'Không có cơ quan kế thừa chính để các cơ quan trực thuộc chuyển về.',
      en: 'There is no main successor for the agencies beneath to come under.',
    })
}

/** The kinds of fact that go with an agency to its other code, beside its placement. */
const CARRIED = ['name', 'endpoint', 'contact', 'certificate'] as const

export const recode: Carry<'recode'> = function* (step, act) {
  const { code, newCode, on } = act
  const { bench, view } = step
  if (!isKnownAndOpen(step, 'agency', 'code', code, on)) return
  const until = view.fact(code, 'existence', on)?.validTo ?? null
  if (isTaken(step, 'newCode', newCode, on, until, code)) return
  const before = view.factsOf(code).filter((fact) => holdsOn(fact, on))
  const beneath = spansBeneath(view, code, on)
  const succession = successionOf(step, 'recode', [{ code: newCode }], newCode, act)
  if (!endAgency(step, 'code', code, on, succession)) return
  for (const alias of [...view.aliasFacts(newCode)]) if (holdsOn(alias, on)) bench.endAt(alias, on)
  for (const { kind, value, validTo } of before) {
    const days = { subject: newCode, validFrom: on, validTo }
    if (kind === 'existence') bench.assert({ ...days, kind, value })
    // What follows from the parents' own endings is found anew.
    else if (kind === 'placement') place(bench, newCode, value, { ...days, validTo: until })
    else if (CARRIED.some((one) => one === kind)) bench.assert({ ...days, kind, value } as NewFact)
  }
  yield* resettling(bench, beneath, on)
}
