import type { NewFact } from '../../domain/directory/fact.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import { centralUnits } from './generate-central.ts'
import { communes, type UnitsOfNext } from './generate-communes.ts'
import { departments } from './generate-departments.ts'
import { type ProvincePlan, planProvinces } from './generate-plan.ts'
import { topAgencies } from './level-one.ts'
import { DEPARTMENT_UNITS, DEPARTMENTS } from './names.ts'
import { CHANGE_DAY, FIRST_DAY } from './seed-facts.ts'
import { apportion, seededRandom } from './seeded-random.ts'

/** What the national directory answered in October 2025. */
export const REAL_SIZE = 111_339

export interface GeneratedDirectory {
  /** The facts of level 1 to begin with (`schemas/codes/level-1.ndjson`). */
  readonly levelOne: readonly NewFact[]
  /** Agencies that are open on every day from the change on, such as 2025-10-15; left out: no local units at all. */
  readonly agencies?: number
  readonly seed: number
  /** Codes of the provinces that go on, whose districts and communes are wanted; left out: all of them. */
  readonly provinces?: readonly string[]
  /** The day of the change, `yyyy-MM-dd`, where it is not to be 2025-07-01. */
  readonly changeDay?: string
}

/**
 * The facts of a whole country, one after the other; the same for the same seed. Level 1 is real; what stands beneath
 * has invented names and codes, in the numbers that were published.
 * @throws RangeError where fewer agencies are asked for than there are without local units
 */
export function* generateDirectory(wanted: GeneratedDirectory): Generator<NewFact> {
  const { changeDay = CHANGE_DAY } = wanted
  const move = (day: string | null) => (day === CHANGE_DAY ? changeDay : day)
  for (const fact of atRealDay(wanted)) {
    const { validFrom, validTo } = fact
    yield changeDay === CHANGE_DAY
      ? fact
      : { ...fact, validFrom: move(validFrom) ?? validFrom, validTo: move(validTo) }
  }
}

function* atRealDay({ levelOne, agencies, seed, provinces }: GeneratedDirectory): Generator<NewFact> {
  const random = seededRandom(seed)
  const top = topAgencies(levelOne)
  const central = top.filter(({ tier }) => tier === 'central')
  const plans = planProvinces(top).filter(({ code }) => provinces === undefined || provinces.includes(code))
  const bare = openWithoutLocalUnits(levelOne, plans)
  const unitsOfNext = shareOut(agencies === undefined ? 0 : agencies - bare, plans)
  yield* levelOne
  for (const body of central) yield* centralUnits(body)
  for (const plan of plans) {
    yield* departments(plan, random)
    yield* communes(plan, random, unitsOfNext)
  }
  yield* groups(plans)
}

const newCommunes = (plans: readonly ProvincePlan[]): number =>
  plans.flatMap(({ before }) => before).reduce((sum, old) => sum + old.newCommunes, 0)

function openWithoutLocalUnits(levelOne: readonly NewFact[], plans: readonly ProvincePlan[]): number {
  const open = topAgencies(levelOne).filter(({ to }) => to === null)
  const units = open
    .filter(({ tier }) => tier === 'central')
    .map((body) => [...centralUnits(body)].filter(({ kind }) => kind === 'existence').length)
    .reduce((sum, count) => sum + count, 0)
  const beneath = plans.reduce(
    (sum, { before }) => sum + DEPARTMENTS.length * (1 + DEPARTMENT_UNITS.length * before.length),
    0,
  )
  return open.length + units + beneath + newCommunes(plans)
}

function shareOut(units: number, plans: readonly ProvincePlan[]): UnitsOfNext {
  if (units < 0) throw new RangeError(`there are ${-units} agencies more even without local units`)
  const shares = apportion(units, Array(newCommunes(plans)).fill(1))
  return () => shares.pop() ?? 0
}

/** Groups that circulars go to. */
function* groups(plans: readonly ProvincePlan[]): Generator<NewFact> {
  const from = { validFrom: FIRST_DAY, validTo: null }
  const group = (code: string, name: string, members: { tier: string; parent: string | null }): NewFact => ({
    subject: agencyCode(code),
    kind: 'group',
    value: {
      name,
      members: { ...members, parent: members.parent === null ? null : agencyCode(members.parent) },
    },
    ...from,
  })
  yield group('NHOM.TW', 'Các cơ quan trung ương', { tier: 'central', parent: null })
  yield group('NHOM.TINH', 'UBND các tỉnh, thành phố', { tier: 'province', parent: null })
  for (const { code, name } of plans)
    yield group(`NHOM.XA.${code}`, `UBND các xã, phường của ${name}`, { tier: 'commune', parent: code })
}
