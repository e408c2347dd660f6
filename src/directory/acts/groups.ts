import type { AgencyCode } from '../../domain/identifiers.ts'
import { isKnown } from './named-agencies.ts'
import { endFact, setFact } from './set-fact.ts'
import { type Carry, nameOf, type Step } from './step.ts'

export const setGroup: Carry<'set-group'> = (step, { code, name, members, on }) => {
  if (isAgencyOrAlias(step, code, on)) return
  if ('codes' in members)
    members.codes.forEach((member, index) => {
      isKnown(step, 'member', `members/codes/${index}`, member, on)
    })
  else {
    const { tier, under, parent } = members
    if (under !== undefined) isKnown(step, 'member', 'members/under', under, on)
    if (parent !== undefined && parent !== null) isKnown(step, 'member', 'members/parent', parent, on)
    if (tier !== undefined && !step.context.tiers.some((one) => one.code === tier))
      step.refuse({
        code: 'tier-unknown',
        field: 'members/tier',
        found: tier,
        vi: `Không có cấp ${tier}.`,
        en: `There is no tier ${tier}.`,
      })
  }
  setFact(step, 'group', { name, members }, { subject: code, on, field: 'members' })
}

export const endGroup: Carry<'end-group'> = (step, { code, on }) => {
  endFact(step, 'group', '', { subject: code, on, field: 'code' })
}

/** Groups share the namespace of codes. */
function isAgencyOrAlias(step: Step, code: AgencyCode, on: string): boolean {
  const { view } = step
  const holder = view.aliasFacts(code).find(({ validTo }) => validTo === null || validTo > on)?.subject
  const owner = view.factsOf(code).length > 0 && !view.isGroup(code) ? code : holder
  if (owner === undefined) return false
  step.refuse({
    code: 'code-taken',
    field: 'code',
    found: code,
    vi: `Mã này đã là mã hoặc mã khác của ${nameOf(view, owner, on)}.`,
    en: `This is already the code or an alias of ${nameOf(view, owner, on)}.`,
  })
  return true
}
