import fc from 'fast-check'
import type { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import type { Act } from '../../../../src/domain/directory/act.ts'
import { type AgencyCode, agencyCode } from '../../../../src/domain/identifiers.ts'

/** Days on which something happens, and the days around them. */
export const DAYS = Array.from({ length: 9 }, (_, month) => `2025-0${month + 1}-01`)
export const EVERY_DAY = [
  '2019-01-01',
  ...DAYS.flatMap((day) => [day, day.replace(/-01$/, '-15')]),
  '2030-01-01',
]
export const CODES = Array.from({ length: 10 }, (_, number) => agencyCode(`A${number}`))
const ALIASES = ['x1', 'x2', 'x3']
const GROUP = agencyCode('NHOM')

/** One random act, in numbers that are read in the light of the directory at hand. */
export interface Plan {
  readonly what: (typeof WHAT)[number]
  readonly a: number
  readonly b: number
  readonly c: number
  readonly day: number
  readonly flag: boolean
}

const WHAT = [
  'establish',
  'rename',
  'move',
  'move',
  'merge',
  'merge',
  'split',
  'recode',
  'close',
  'add-alias',
  'end-alias',
  'set-contact',
  'set-endpoint',
  'set-group',
  'correct',
  'correct-name',
] as const

export const plan: fc.Arbitrary<Plan> = fc.record({
  what: fc.constantFrom(...WHAT),
  a: fc.nat(9),
  b: fc.nat(9),
  c: fc.nat(9),
  day: fc.nat(DAYS.length - 1),
  flag: fc.boolean(),
})

/** Revisions, each of some acts, and the day on which each is written: a history never goes back. */
export const history: fc.Arbitrary<readonly (readonly Plan[])[]> = fc.array(
  fc.oneof(
    { arbitrary: fc.array(plan, { minLength: 1, maxLength: 1 }), weight: 3 },
    { arbitrary: fc.array(plan, { minLength: 2, maxLength: 3 }), weight: 1 },
  ),
  { minLength: 1, maxLength: 16, size: 'max' },
)

/** The directory that histories begin with: A0 and A1 with two agencies beneath each, and an alias. */
export const BEGINNING: readonly Act[] = [
  ...[0, 1, 2, 3, 4, 5].map(
    (number): Act => ({
      act: 'establish',
      on: '2020-01-01',
      code: CODES[number]!,
      name: `Cơ quan ${number}`,
      tier: number < 2 ? 'province' : 'commune',
      parent: number < 2 ? null : CODES[number % 2]!,
    }),
  ),
  { act: 'add-alias', on: '2020-01-01', code: CODES[2]!, alias: 'x0', form: 'free' },
]

export function toAct({ what, a, b, c, day, flag }: Plan, directory: DirectorySnapshot): Act {
  const on = DAYS[day]!
  const code = what === 'establish' ? closedOn(directory, on, a) : openOn(directory, on, a, c)
  const other = what === 'recode' ? closedOn(directory, on, b) : openOn(directory, on, b, c)
  const policy = flag ? {} : ({ whenAddressed: 'bounce', whenInFlight: 'keep' } as const)
  const children = c % 3 === 0 ? ({ children: 'stay' } as const) : {}
  switch (what) {
    case 'establish':
      return {
        act: what,
        on,
        code,
        name: `Mới ${c}`,
        tier: 'commune',
        parent: flag && other !== code ? other : null,
      }
    case 'rename':
      return { act: what, on, code, name: `Tên ${c}` }
    case 'move':
      return flag ? { act: what, on, code, parent: other } : { act: what, on, code, tier: 'central' }
    case 'merge':
      return { act: what, on, codes: [code, CODES[c]!], into: other, ...policy, ...children }
    case 'split': {
      const third = openOn(directory, on, c, c)
      const into = [{ code: other }, { code: third, documentTypes: ['Công văn'] }]
      return { act: what, on, code, into, main: flag ? other : null }
    }
    case 'recode':
      return { act: what, on, code, newCode: other, ...policy }
    case 'close':
      return { act: what, on, code, successor: flag ? other : null }
    case 'add-alias':
      return { act: what, on, code, alias: flag ? ALIASES[c % 3]! : other, form: 'free' }
    case 'end-alias':
      return { act: what, on, code, alias: ['x0', ...ALIASES][c % 4]! }
    case 'set-contact': {
      const contact = { role: 'văn thư', name: `Người ${c}`, phone: null, email: null, address: null }
      return { act: what, on, code, contact }
    }
    case 'set-endpoint': {
      const endpoint = { channel: 'mailbox', url: null, reaches: flag ? 'subtree' : 'itself' } as const
      return { act: what, on, code, endpoint, until: DAYS[day + 2] ?? null }
    }
    case 'set-group':
      return { act: what, on, code: GROUP, name: `Nhóm ${c}`, members: { codes: [code, other] } }
    case 'correct':
      return { act: what, facts: ids(directory, code).slice(c % 3, (c % 3) + 1), instead: [] }
    case 'correct-name':
      return correctName(directory, code, on, `Đúng ra ${c}`)
  }
}

/** Mostly somebody who is open: of the other acts nearly all are refused. */
function openOn(directory: DirectorySnapshot, on: string, pick: number, chance: number): AgencyCode {
  const open = chance === 9 ? [] : CODES.filter((code) => directory.isOpen(code, on))
  return open[pick % open.length] ?? CODES[pick]!
}

function closedOn(directory: DirectorySnapshot, on: string, pick: number): AgencyCode {
  const closed = CODES.filter((code) => !directory.isOpen(code, on))
  return closed[pick % closed.length] ?? CODES[pick]!
}

const ids = (directory: DirectorySnapshot, code: AgencyCode): number[] =>
  directory
    .factsOf(code)
    .map(({ id }) => id)
    .filter((id) => id > 0)
    .sort((x, y) => x - y)

/** A name was wrong for all the days that it is on record for, or from a day on. */
function correctName(directory: DirectorySnapshot, code: AgencyCode, day: string, name: string): Act {
  const wrong = directory.nearest(code, 'name', day)
  if (wrong === undefined) return { act: 'correct', facts: [], instead: [] }
  const { validFrom, validTo } = wrong
  return {
    act: 'correct',
    facts: [wrong.id],
    instead: [{ subject: code, kind: 'name', value: { name }, validFrom, validTo }],
  }
}
