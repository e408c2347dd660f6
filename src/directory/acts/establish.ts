import { overlap } from '../../domain/directory/intervals.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { TierCode } from '../../domain/tier.ts'
import { standsUnder } from './above.ts'
import { beginAgain } from './begin-again.ts'
import { isKnown } from './named-agencies.ts'
import { place } from './parents.ts'
import { areReversed } from './set-fact.ts'
import { type Carry, nameOf, type Step } from './step.ts'

export const establish: Carry<'establish'> = (step, act) => {
  const { code, on, name, tier, parent, until = null, aliases = [] } = act
  if (areReversed(step, on, until) || isTaken(step, 'code', code, on, until)) return
  checkTier(step, tier, on)
  if (parent !== code) checkParent(step, code, parent, on)
  beginAgain(step, code, on)
  const days = { subject: code, validFrom: on, validTo: until }
  step.bench.assert({ ...days, kind: 'existence', value: {} })
  step.bench.assert({ ...days, kind: 'name', value: { name } })
  place(step.bench, code, { tier, parent }, days)
  aliases.forEach(({ alias, form }, index) => {
    if (isAliasFree(step, `aliases/${index}/alias`, code, alias, on))
      step.bench.assert({ ...days, validTo: null, kind: 'alias', value: { alias, form } })
  })
}

/**
 * Whether a code stands for something else on any of the days, or from then on; refused where so.
 * @param own the agency that may have it as an alias
 */
export function isTaken(
  step: Step,
  field: string,
  code: AgencyCode,
  on: string,
  until: string | null,
  own?: AgencyCode,
): boolean {
  const { view } = step
  const days = { validFrom: on, validTo: until }
  const open = view
    .factsOf(code)
    .find(
      (fact) =>
        fact.kind === 'group' ||
        ((fact.kind === 'existence' || fact.kind === 'succession') &&
          (fact.validFrom > on || (fact.kind === 'existence' && overlap(fact, days) !== undefined))),
    )
  const holder = view
    .aliasFacts(code)
    .find((fact) => fact.subject !== own && (fact.validTo === null || fact.validTo > on))?.subject
  if (open === undefined && holder === undefined) return false
  const name = nameOf(view, holder ?? code, on)
  step.refuse({
    code: 'code-taken',
    field,
    found: code,
    vi: `Mã này đã là mã hoặc mã khác của ${name}.`,
    en: `This is already the code or an alias of ${name}.`,
  })
  return true
}

/** Whether a spelling may stand for an agency from a day on; refused where it stands for something else. */
export function isAliasFree(step: Step, field: string, code: AgencyCode, alias: string, on: string): boolean {
  const { view } = step
  const holder = view.aliasFacts(alias).find(({ validTo }) => validTo === null || validTo > on)?.subject
  if (alias === code || holder === code) {
    step.refuse({
      code: 'alias-repeated',
      field,
      found: alias,
      vi: 'Mã khác này trùng với chính mã, hoặc cơ quan này đã có.',
      en: 'The alias is the code itself, or the agency has it already.',
    })
    return false
  }
  const owner = view.factsOf(alias as AgencyCode).length > 0 ? (alias as AgencyCode) : holder
  if (owner === undefined) return true
  const name = nameOf(view, owner, on)
  step.refuse({
    code: 'alias-taken',
    field,
    found: alias,
    vi: `Đã là mã hoặc mã khác của ${name}.`,
    en: `It is already the code or an alias of ${name}.`,
  })
  return false
}

/** Whether a parent that an act names is known; told where somebody has taken it over by then, and so stands above. */
export function checkParent(step: Step, code: AgencyCode, parent: AgencyCode | null, on: string): boolean {
  if (parent === null) return true
  if (!isKnown(step, 'parent', 'parent', parent, on)) return false
  const above = standsUnder(step.view, code, parent, on)
  if (above === parent) return true
  const name = nameOf(step.view, parent, on)
  const by = above === null ? { vi: 'không thuộc cơ quan nào', en: 'beneath nobody' } : under(step, above, on)
  step.warn({
    code: 'parent-succeeded',
    field: 'parent',
    found: parent,
    expected: above ?? undefined,
    vi: `${name} không còn hoạt động vào ngày ${on}; theo kế thừa, cơ quan này sẽ ${by.vi}.`,
    en: `${name} has ended by ${on}; by its succession this agency comes ${by.en}.`,
  })
  return true
}

const under = (step: Step, above: AgencyCode, on: string) => {
  const name = nameOf(step.view, above, on)
  return { vi: `thuộc ${name}`, en: `beneath ${name}` }
}

/** Whether a tier is there on a day; refused where it is not. */
export function checkTier(step: Step, tier: TierCode, on: string): void {
  const found = step.context.tiers.find(({ code }) => code === tier)
  if (found === undefined)
    step.refuse({
      code: 'tier-unknown',
      field: 'tier',
      found: tier,
      expected: step.context.tiers.map(({ code }) => code).join(', '),
      vi: `Không có cấp ${tier}.`,
      en: `There is no tier ${tier}.`,
    })
  else if (found.closedOn !== null && on >= found.closedOn)
    step.refuse({
      code: 'tier-closed',
      field: 'tier',
      found: tier,
      vi: `Cấp này đã đóng từ ${found.closedOn}; không cơ quan nào thuộc cấp này từ ngày đó.`,
      en: `This tier is closed from ${found.closedOn}; no agency is of it from that day on.`,
    })
}
