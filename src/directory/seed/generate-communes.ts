import type { NewFact } from '../../domain/directory/fact.ts'
import type { Succession } from '../../domain/directory/succession.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import { departmentCodes } from './generate-departments.ts'
import type { OldProvince, ProvincePlan } from './generate-plan.ts'
import { DIVISIONS, LOCAL_UNITS, placeNames } from './names.ts'
import { agencyFacts, CHANGE_DAY, FIRST_DAY, intoOne, successionFact } from './seed-facts.ts'
import { apportion, type SeededRandom } from './seeded-random.ts'

interface OldCommune {
  readonly code: string
  readonly place: string
  readonly district: string
}

interface NewCommune {
  readonly code: string
  readonly place: string
  readonly before: readonly OldCommune[]
}

/** How many local units the next commune has. */
export type UnitsOfNext = () => number

/** Districts with their divisions, communes of both times, and what stands beneath them. */
export function* communes(
  plan: ProvincePlan,
  random: SeededRandom,
  unitsOfNext: UnitsOfNext,
): Generator<NewFact> {
  const name = placeNames(random)
  let numbered = 100
  for (const old of plan.before) {
    const before = oldCommunes(old, name)
    const sizes = apportion(before.length, Array(old.newCommunes).fill(1), 1)
    const after = sizes.map((size, index): NewCommune => {
      const start = sizes.slice(0, index).reduce((sum, one) => sum + one, 0)
      const merged = before.slice(start, start + size)
      numbered += 1
      return { code: `${plan.code}.${numbered}`, place: random.pick(merged).place, before: merged }
    })
    yield* districts(plan, old, after, random, name)
    for (const commune of after) yield* oneCommune(plan, commune, random, unitsOfNext())
  }
}

const DISTRICTS_FROM = 21

const districtCode = (old: OldProvince, index: number) => `${old.code}.${DISTRICTS_FROM + index}`

function oldCommunes(old: OldProvince, name: () => string): OldCommune[] {
  return apportion(old.oldCommunes, Array(old.districts).fill(1)).flatMap((count, index) =>
    Array.from({ length: count }, (_, number) => {
      const district = districtCode(old, index)
      return { code: `${district}.${String(number + 1).padStart(2, '0')}`, place: name(), district }
    }),
  )
}

function* districts(
  plan: ProvincePlan,
  old: OldProvince,
  after: readonly NewCommune[],
  random: SeededRandom,
  name: () => string,
): Generator<NewFact> {
  const closed = { tier: 'district', from: FIRST_DAY, to: CHANGE_DAY, aliased: true }
  for (let index = 0; index < old.districts; index += 1) {
    const code = districtCode(old, index)
    const place = name()
    const seat = after.find(({ before }) => before.some(({ district }) => district === code))
    yield* agencyFacts({ ...closed, code, name: `UBND huyện ${place}`, parent: old.code })
    yield successionFact(code, endOfDistrict(plan.code, seat?.code, index === 0 ? 0 : random.below(20)))
    for (const [number, division] of DIVISIONS.entries()) {
      const own = `${code}.${51 + number}`
      yield* agencyFacts({ ...closed, code: own, name: `${division.name}, huyện ${place}`, parent: code })
      yield successionFact(own, intoOne(departmentCodes(plan.code).get(division.heir)!, 'closure'))
    }
  }
}

/** Districts had no single heir: most leave theirs to the province, some share it out, some have nobody. */
function endOfDistrict(province: string, seat: string | undefined, lot: number): Succession {
  if (lot === 1) return { ...intoOne(province, 'closure'), heirs: [], main: null, whenInFlight: 'keep' }
  if (lot === 2) return intoOne(province, 'closure', { whenAddressed: 'bounce', whenInFlight: 'bounce' })
  if (lot === 3) return intoOne(province, 'closure', { whenInFlight: 'keep' })
  if (lot > 5 || seat === undefined) return intoOne(province, 'closure')
  const heirs = [{ code: agencyCode(seat), documentTypes: ['Công văn'] }, { code: agencyCode(province) }]
  return { ...intoOne(province, 'split'), heirs }
}

function* oneCommune(
  plan: ProvincePlan,
  commune: NewCommune,
  random: SeededRandom,
  units: number,
): Generator<NewFact> {
  const kind = random.below(5) === 0 ? 'phường' : 'xã'
  yield* agencyFacts({
    code: commune.code,
    name: `UBND ${kind} ${commune.place}`,
    tier: 'commune',
    parent: plan.code,
    from: CHANGE_DAY,
    to: null,
  })
  const act = commune.before.length > 1 ? 'merge' : 'recode'
  for (const old of commune.before) {
    yield* agencyFacts({
      code: old.code,
      name: `UBND xã ${old.place}`,
      tier: 'commune',
      parent: old.district,
      from: FIRST_DAY,
      to: CHANGE_DAY,
      aliased: true,
    })
    yield successionFact(old.code, intoOne(commune.code, act, policyOf(random.below(20))))
  }
  yield* localUnits(commune, units)
}

const policyOf = (lot: number): Partial<Succession> =>
  lot === 0 ? { whenAddressed: 'bounce', whenInFlight: 'bounce' } : lot === 1 ? { whenInFlight: 'keep' } : {}

/** Half of them were there before, under a code of the old commune that they keep; the others got a new code. */
function* localUnits({ code, place, before }: NewCommune, units: number): Generator<NewFact> {
  for (let index = 0; index < units; index += 1) {
    const round = Math.floor(index / LOCAL_UNITS.length)
    const name = `${LOCAL_UNITS[index % LOCAL_UNITS.length]} ${place}${round === 0 ? '' : ` ${round + 1}`}`
    const number = String(index + 1).padStart(3, '0')
    const old = before[index % before.length]!
    const stayed = index % 2 === 0
    yield* agencyFacts({
      code: `${stayed ? old.code : code}.${number}`,
      name,
      tier: 'commune',
      parent: stayed ? old.code : code,
      from: stayed ? FIRST_DAY : CHANGE_DAY,
      to: null,
      ...(stayed && { laterParent: code }),
    })
  }
}
