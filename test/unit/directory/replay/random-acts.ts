import type { EndpointValue } from '../../../../src/domain/directory/fact.ts'
import type { GroupMembers } from '../../../../src/domain/directory/group.ts'
import { type AgencyCode, agencyCode } from '../../../../src/domain/identifiers.ts'
import type { Log, ReplayedAct } from './model.ts'

/** Numbers of [0, 1), always the same for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export const DAYS = Array.from({ length: 9 }, (_, month) => `2025-0${month + 1}-01`)
export const CODES = Array.from({ length: 11 }, (_, n) => agencyCode(`A${n}`))
const GROUPS = ['G1', 'G2'].map(agencyCode)
const ALIASES = ['x0', 'x1', 'x2']
const TIERS = ['central', 'province', 'commune']
export const SPELLINGS = [...CODES, ...ALIASES, ...GROUPS, 'nobody']

/** Two above, two beneath each of them and so on: the directory that histories begin with. */
export const BEGINNING: readonly ReplayedAct[] = [0, 1, 2, 3, 4, 5].map((n) => ({
  act: 'establish',
  on: '2020-01-01',
  code: CODES[n]!,
  name: `N${n}`,
  tier: n < 2 ? 'province' : 'commune',
  parent: n < 2 ? null : CODES[n - 2]!,
}))

/** Choices for one act, in the light of who is open on its day. */
class Choice {
  readonly random: () => number
  readonly log: Log
  /** The acts before it in the same revision. */
  readonly draft: readonly ReplayedAct[]
  readonly on: string
  /** Told apart from everything else that is said in a history. */
  readonly mark: string

  constructor(random: () => number, log: Log, draft: readonly ReplayedAct[], mark: string) {
    this.random = random
    this.log = log
    this.draft = draft
    this.on = this.pick(DAYS)
    this.mark = mark
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)]!
  }

  chance(share: number): boolean {
    return this.random() < share
  }

  /** Mostly somebody who is open: of the other acts nearly all are refused. */
  agency(): AgencyCode {
    const open = this.log
      .at(this.on)
      .open()
      .map(({ code }) => code)
    return this.chance(0.95) && open.length > 0 ? this.pick(open) : this.pick(CODES)
  }

  free(): AgencyCode {
    const state = this.log.at(this.on)
    const free = CODES.filter((code) => !state.agencies.get(code)?.open)
    return free.length > 0 ? this.pick(free) : this.pick(CODES)
  }

  until(): { until?: string } {
    return this.chance(0.2) ? { until: this.pick(DAYS) } : {}
  }

  policy(): { whenAddressed?: 'bounce' | 'redirect'; basis?: string } {
    return {
      ...(this.chance(0.3) && { whenAddressed: this.chance(0.5) ? 'bounce' : 'redirect' }),
      ...(this.chance(0.3) && { basis: '202/2025/QH15' }),
    }
  }

  children(): { children?: 'follow' | 'stay' } {
    return this.chance(0.25) ? { children: this.pick(['stay', 'follow'] as const) } : {}
  }

  /** Whether nothing was said yet on the very day: an end on the day of the beginning leaves no trace. */
  isFirst(named: string): boolean {
    return ![...this.log.acts, ...this.draft].some(
      (act) =>
        act.on === this.on &&
        (('alias' in act && act.alias === named) || ('code' in act && act.code === named)),
    )
  }
}

type Maker = (choice: Choice) => ReplayedAct | undefined

const members = (choice: Choice): GroupMembers => {
  const described: readonly GroupMembers[] = [
    { tier: 'commune' },
    { under: choice.agency() },
    { parent: choice.agency() },
    { parent: null },
    { tier: 'commune', under: choice.agency() },
    { tier: 'province', parent: null },
  ]
  return choice.chance(0.4)
    ? { codes: [choice.agency(), choice.agency(), choice.agency()] }
    : choice.pick(described)
}

const endpoint = (choice: Choice): EndpointValue => ({
  channel: choice.chance(0.7) ? 'https-push' : 'mailbox',
  url: `https://${choice.mark}.vn`,
  reaches: choice.chance(0.5) ? 'subtree' : 'itself',
})

const parent = (choice: Choice): AgencyCode | null => (choice.chance(0.3) ? null : choice.agency())

/** Which kinds of act, how often, and what they say. */
const MAKERS: readonly (readonly [number, Maker])[] = [
  [
    3,
    (c) => ({
      ...{ act: 'establish', on: c.on, code: c.free(), name: c.mark },
      ...{ tier: c.pick(TIERS), parent: parent(c), ...(c.chance(0.6) ? {} : c.until()) },
    }),
  ],
  [2, (c) => ({ act: 'rename', on: c.on, code: c.agency(), name: c.mark })],
  [1, (c) => ({ act: 'rename', on: '2020-01-01', code: c.pick(CODES.slice(0, 6)), name: c.mark })],
  [1, (c) => ({ act: 'move', on: c.on, code: c.agency(), tier: c.pick(TIERS) })],
  [2, (c) => ({ act: 'move', on: c.on, code: c.agency(), parent: parent(c) })],
  [1, (c) => ({ act: 'move', on: c.on, code: c.agency(), tier: c.pick(TIERS), parent: parent(c) })],
  [
    3,
    (c) => ({
      ...{ act: 'merge', on: c.on, codes: [c.agency(), c.agency(), ...(c.chance(0.4) ? [c.agency()] : [])] },
      ...{ into: c.agency(), ...c.policy(), ...c.children() },
    }),
  ],
  [
    2,
    (c) => {
      const [a, b] = [c.agency(), c.agency()]
      const first = c.chance(0.5) ? { code: a } : { code: a, documentTypes: ['Báo cáo'] }
      return {
        ...{ act: 'split', on: c.on, code: c.agency(), main: c.chance(0.6) ? a : null },
        ...{ into: [first, { code: b, documentTypes: ['Công văn'] }], ...c.policy(), ...c.children() },
      }
    },
  ],
  [3, (c) => ({ act: 'recode', on: c.on, code: c.agency(), newCode: c.free(), ...c.policy() })],
  [
    2,
    (c) => {
      const successor = c.chance(0.5) ? c.agency() : null
      return { act: 'close', on: c.on, code: c.agency(), successor, ...(successor && c.children()) }
    },
  ],
  [
    1,
    (c) => {
      const alias = c.chance(0.8) ? c.pick(ALIASES) : c.free()
      return { act: 'add-alias', on: c.on, code: c.agency(), alias, form: 'free' }
    },
  ],
  [
    1,
    (c) => {
      const alias = c.pick(ALIASES)
      const code = c.log.at(c.on).aliases.get(alias) ?? c.agency()
      return c.isFirst(alias) ? { act: 'end-alias', on: c.on, code, alias } : undefined
    },
  ],
  [2, (c) => ({ act: 'set-endpoint', on: c.on, code: c.agency(), endpoint: endpoint(c), ...c.until() })],
  [1, (c) => ({ act: 'set-endpoint', on: c.on, code: c.agency(), endpoint: null })],
  [
    2,
    (c) => {
      const nobody = { phone: null, email: null, address: null }
      const contact = { role: c.pick(['văn thư', 'kỹ thuật']), name: c.mark, ...nobody }
      return { act: 'set-contact', on: c.on, code: c.agency(), contact }
    },
  ],
  [
    1,
    (c) => {
      const code = c.agency()
      const role = c.pick(['văn thư', 'kỹ thuật'])
      return c.isFirst(code) ? { act: 'end-contact', on: c.on, code, role } : undefined
    },
  ],
  [2, (c) => ({ act: 'set-group', on: c.on, code: c.pick(GROUPS), name: c.mark, members: members(c) })],
  [
    1,
    (c) => {
      const code = c.pick(GROUPS)
      return c.isFirst(code) ? { act: 'end-group', on: c.on, code } : undefined
    },
  ],
]
const BAG: readonly Maker[] = MAKERS.flatMap(([often, make]) => Array.from({ length: often }, () => make))

/** One random act, of a random day: earlier or later than those before it. */
export function randomAct(
  random: () => number,
  log: Log,
  draft: readonly ReplayedAct[],
  mark: string,
): ReplayedAct | undefined {
  const choice = new Choice(random, log, draft, mark)
  return choice.pick(BAG)(choice)
}
