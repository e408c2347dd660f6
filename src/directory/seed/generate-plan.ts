import type { TopAgency } from './level-one.ts'
import { CHANGE_DAY } from './seed-facts.ts'
import { apportion } from './seeded-random.ts'

/** Communes after 2025-07-01, by province: 3,321 (resolutions of the National Assembly's committee, June 2025). */
const COMMUNES: Readonly<Record<string, number>> = {
  H01: 102,
  H05: 99,
  H12: 64,
  H13: 103,
  H14: 56,
  H15: 102,
  H17: 94,
  H18: 45,
  H19: 95,
  H20: 102,
  H21: 135,
  H24: 114,
  H26: 126,
  H27: 69,
  H29: 168,
  H31: 104,
  H32: 65,
  H35: 38,
  H36: 124,
  H37: 65,
  H38: 99,
  H41: 130,
  H42: 129,
  H44: 148,
  H48: 96,
  H49: 54,
  H50: 78,
  H52: 75,
  H53: 96,
  H55: 92,
  H56: 166,
  H57: 40,
  H60: 124,
  H61: 124,
}

const ALL_COMMUNES = 3_321
/** Communes and districts before the change. */
const OLD_COMMUNES = 10_035
const DISTRICTS = 696

/** A province as it was before the change. */
export interface OldProvince {
  readonly code: string
  readonly name: string
  readonly districts: number
  readonly oldCommunes: number
  /** How many its communes became. */
  readonly newCommunes: number
}

/** A province that goes on, with those that merged into it; itself is the first of `before`. */
export interface ProvincePlan {
  readonly code: string
  readonly name: string
  readonly before: readonly OldProvince[]
}

/** How many of what each province has; for all of them, the figures of the whole country. */
export function planProvinces(top: readonly TopAgency[]): ProvincePlan[] {
  const provinces = top.filter(({ tier }) => tier === 'province')
  const staying = provinces.filter(({ to }) => to === null)
  const counts = staying.map(({ code }) => COMMUNES[code] ?? 0)
  const share = counts.reduce((all, count) => all + count, 0) / ALL_COMMUNES
  const oldCommunes = apportion(Math.round(OLD_COMMUNES * share), counts)
  const districts = apportion(Math.round(DISTRICTS * share), counts)
  return staying.map(({ code, name }, index) => {
    const merged = provinces.filter(({ to, heir }) => to === CHANGE_DAY && heir === code)
    const before = [{ code, name }, ...merged]
    const even = before.map(() => 1)
    const oldShares = apportion(oldCommunes[index]!, even)
    const newShares = apportion(counts[index]!, even)
    const districtShares = apportion(districts[index]!, even)
    return {
      code,
      name,
      before: before.map((old, part) => ({
        code: old.code,
        name: old.name,
        districts: districtShares[part]!,
        oldCommunes: oldShares[part]!,
        newCommunes: newShares[part]!,
      })),
    }
  })
}
