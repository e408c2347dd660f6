import type { Bilingual } from '../domain/bilingual.ts'
import { SEED_TIERS } from '../domain/tier.ts'
import { dayOfSerial, parseDay, timeOfFraction } from './days.ts'
import { joinList, splitList } from './list-cell.ts'

/** What the cells of a column hold. Whatever is read becomes a text in the one form that the gateway uses. */
export interface CellReader {
  /** What may stand here, in the words of people. */
  readonly expected: Bilingual
  /** The text in its one form; undefined for what cannot stand here. @param text NFC, without blanks at its ends */
  readonly read: (text: string) => string | undefined
  /** The same of a number; left out where a number has lost what was typed. */
  readonly readNumber?: (number: number, date1904: boolean) => string | undefined
}

const matching = (pattern: RegExp, expected: Bilingual): CellReader => ({
  expected,
  read: (text) => (pattern.test(text) ? text : undefined),
})

/** QĐ 20/2020/QĐ-TTg art. 4. */
export const code = matching(/^[0-9A-Za-z][0-9A-Za-z._-]{0,34}$/, {
  vi: 'mã cơ quan, tối đa 35 ký tự',
  en: 'an agency code of at most 35 characters',
})

export const ruleId = matching(/^[A-Za-z0-9._-]{1,100}$/, {
  vi: 'chữ cái không dấu, chữ số, dấu chấm, gạch',
  en: 'letters, digits, dots, dashes',
})

export const spelling = matching(/^[^\s\p{C}]{1,200}$/u, {
  vi: 'mã không có khoảng trắng, tối đa 200 ký tự',
  en: 'a code without blanks, of at most 200 characters',
})

export const webAddress = matching(/^(?=.{1,2000}$)https?:\/\/[^\s\p{C}]+$/iu, {
  vi: 'địa chỉ https://…',
  en: 'an address https://…',
})

export const line = (most: number): CellReader =>
  matching(new RegExp(`^[^\\p{Cc}]{1,${most}}$`, 'u'), {
    vi: `một dòng chữ, tối đa ${most} ký tự`,
    en: `one line of text, of at most ${most} characters`,
  })

/** Not `7/1/2025`: an American spreadsheet means July by it, a Vietnamese one January. */
export const day: CellReader = {
  expected: { vi: 'ngày dạng 2025-07-01 hoặc 01/07/2025', en: 'a day as 2025-07-01 or 01/07/2025' },
  read: parseDay,
  readNumber: dayOfSerial,
}

export const time: CellReader = {
  expected: { vi: 'giờ dạng 22:00', en: 'a time as 22:00' },
  read: (text) => (/^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : undefined),
  readNumber: timeOfFraction,
}

export const wholeNumber = (least: number, most: number): CellReader => {
  const within = (number: number) =>
    Number.isInteger(number) && number >= least && number <= most ? String(number) : undefined
  return {
    expected: { vi: `số nguyên từ ${least} đến ${most}`, en: `a whole number from ${least} to ${most}` },
    read: (text) => (/^\d{1,16}$/.test(text) ? within(Number(text)) : undefined),
    readNumber: within,
  }
}

/** One of the ids of a table; its labels in both languages are understood as well. */
export function oneOf(table: Readonly<Record<string, Bilingual>>): CellReader {
  const ids = new Map<string, string>()
  for (const [id, { vi, en }] of Object.entries(table))
    for (const name of [id, vi, en]) ids.set(name.normalize('NFC').toLowerCase(), id)
  const names = Object.entries(table)
  return {
    expected: {
      vi: names.map(([id, { vi }]) => `${id} (${vi})`).join(', '),
      en: names.map(([id, { en }]) => `${id} (${en})`).join(', '),
    },
    read: (text) => ids.get(text.toLowerCase()),
    readNumber: (number) => ids.get(String(number)),
  }
}

const TIER_NAMES = oneOf(Object.fromEntries(SEED_TIERS.map(({ code, vi, en }) => [code, { vi, en }])))

/** The code of a tier, or the name of one that every gateway begins with. */
export const tier: CellReader = {
  expected: { vi: 'mã cấp, như province', en: 'the code of a tier, such as province' },
  read: (text) => TIER_NAMES.read(text) ?? (/^[a-z][a-z-]{0,30}$/.test(text) ? text : undefined),
}

/** Several in one cell, between semicolons or on lines of their own. */
export const listOf = (one: CellReader, most: number): CellReader => ({
  expected: {
    vi: `tối đa ${most} mục cách nhau bằng dấu chấm phẩy: ${one.expected.vi}`,
    en: `at most ${most} of these, between semicolons: ${one.expected.en}`,
  },
  read: (text) => {
    const items = splitList(text).map(one.read)
    const fits = items.length <= most && items.every((item) => item !== undefined)
    return fits ? joinList(items) : undefined
  },
})
