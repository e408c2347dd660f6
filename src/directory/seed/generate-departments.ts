import type { NewFact } from '../../domain/directory/fact.ts'
import type { OldProvince, ProvincePlan } from './generate-plan.ts'
import { DEPARTMENT_UNITS, DEPARTMENTS } from './names.ts'
import { agencyFacts, CHANGE_DAY, FIRST_DAY, intoOne, successionFact } from './seed-facts.ts'
import { type SeededRandom, seededRandom } from './seeded-random.ts'

type Department = (typeof DEPARTMENTS)[number]

/** The code of each department of a province: numbered in an order of its own, so that no prefix can be rewritten. */
export function departmentCodes(province: string): ReadonlyMap<Department, string> {
  const order = seededRandom(Number(province.slice(1))).shuffled(DEPARTMENTS)
  return new Map(order.map((name, index) => [name, `${province}.${String(index + 1).padStart(2, '0')}`]))
}

/** Departments and their units: those of merged provinces go into those of the province that goes on. */
export function* departments(plan: ProvincePlan, random: SeededRandom): Generator<NewFact> {
  for (const old of plan.before) {
    const merged = old.code !== plan.code
    for (const [name, code] of departmentCodes(old.code)) {
      const heir = departmentCodes(plan.code).get(name)!
      yield* agencyFacts({
        code,
        name: `${name} ${placeOf(old)}`,
        tier: 'province',
        parent: old.code,
        from: FIRST_DAY,
        to: merged ? CHANGE_DAY : null,
        aliased: true,
      })
      if (merged) yield successionFact(code, intoOne(heir, 'merge'))
      yield* units(plan, old, { name, code, heir }, random)
    }
  }
}

/** A unit of a merged province goes on beneath the other department, under another code. */
function* units(
  plan: ProvincePlan,
  old: OldProvince,
  department: { readonly name: string; readonly code: string; readonly heir: string },
  random: SeededRandom,
): Generator<NewFact> {
  const part = plan.before.indexOf(old)
  const short = department.name.replace(/^(Sở|Ban Quản lý|Văn phòng) /, '')
  for (const [index, kind] of DEPARTMENT_UNITS.entries()) {
    const numbered = (above: string, number: number) => `${above}.${String(number).padStart(2, '0')}`
    const agency = {
      name: `${kind} ${short} ${placeOf(old)}`,
      tier: 'province',
      parent: department.code,
      from: FIRST_DAY,
      to: null,
      aliased: true,
    }
    const code = numbered(department.code, index + 1)
    if (part === 0) {
      yield* agencyFacts({ ...agency, code })
      continue
    }
    const next = numbered(department.heir, part * DEPARTMENT_UNITS.length + index + 1)
    yield* agencyFacts({ ...agency, code, to: CHANGE_DAY })
    yield successionFact(
      code,
      intoOne(next, 'recode', random.below(10) === 0 ? { whenInFlight: 'keep' } : {}),
    )
    yield* agencyFacts({ ...agency, code: next, parent: department.heir, from: CHANGE_DAY, aliased: false })
  }
}

/** `tỉnh An Giang` of `UBND tỉnh An Giang`. */
export const placeOf = ({ name }: { readonly name: string }): string => name.replace(/^UBND /, '')
