import type { Act, ActName } from '../../../../src/domain/directory/act.ts'
import type { ContactPoint, EndpointValue } from '../../../../src/domain/directory/fact.ts'
import type { GroupMembers } from '../../../../src/domain/directory/group.ts'
import type { AgencyCode } from '../../../../src/domain/identifiers.ts'

/** An agency as a replay has left it. Small on purpose, and made of nothing that the directory itself is made of. */
export interface Agency {
  readonly code: AgencyCode
  open: boolean
  name: string
  tier: string
  parent: AgencyCode | null
  /** As the day before ended: what is said on the very day of an ending is of no consequence. */
  eve: { readonly name: string; readonly parent: AgencyCode | null }
  closedOn: string | null
  /** Known from the beginning to close on a day. */
  until: string | null
  ended: Ending | null
  endpoint: Timed<EndpointValue> | null
  contacts: Map<string, ContactPoint>
}

interface Timed<T> {
  readonly value: T
  readonly until: string | null
}

export interface Ending {
  readonly act: 'merge' | 'split' | 'recode' | 'closure'
  readonly heirs: readonly { readonly code: AgencyCode; readonly documentTypes?: readonly string[] }[]
  readonly main: AgencyCode | null
  readonly bounced: boolean
  readonly stay: boolean
  readonly basis: string | null
  readonly on: string
}

/** What is so on one day. */
export class State {
  readonly agencies = new Map<string, Agency>()
  readonly aliases = new Map<string, AgencyCode>()
  readonly groups = new Map<string, { readonly name: string; readonly members: GroupMembers }>()

  get(code: string): Agency {
    const found = this.agencies.get(code)
    if (found === undefined) throw new Error(`${code} is nobody`)
    return found
  }

  open(): Agency[] {
    return [...this.agencies.values()].filter(({ open }) => open)
  }

  childrenOf(code: AgencyCode | null): Agency[] {
    return this.open().filter(({ parent }) => parent === code)
  }

  /** Before anything happens on a day. */
  dawn(day: string): void {
    for (const agency of this.agencies.values()) {
      agency.eve = { name: agency.name, parent: agency.parent }
      if (agency.endpoint?.until === day) agency.endpoint = null
      if (agency.open && agency.until === day) this.shut(agency, day)
    }
  }

  shut(agency: Agency, day: string): void {
    Object.assign(agency, { open: false, closedOn: day, name: agency.eve.name, parent: agency.eve.parent })
    agency.endpoint = null
    agency.contacts = new Map()
  }

  /** How an agency ended, where those beneath it followed. */
  followed(
    code: AgencyCode,
  ): { readonly main: AgencyCode; readonly on: string; readonly act: string } | null {
    const { open, ended } = this.agencies.get(code) ?? { open: true, ended: null }
    if (open || ended === null || ended.stay || ended.main === null) return null
    return { main: ended.main, on: ended.on, act: ended.act }
  }

  /** Who is above `child` where `parent` is named: whoever took that one over, and in its place where that is `child`. */
  above(child: AgencyCode, parent: AgencyCode | null): AgencyCode | null {
    let at = parent
    for (let steps = 0; at !== null && steps < 40; steps += 1) {
      const end = this.followed(at)
      if (end === null) return at
      let taker = end.main
      for (let n = this.followed(taker); n !== null && n.on < end.on; n = this.followed(taker)) taker = n.main
      let bearer = taker
      for (let n = this.followed(bearer); n?.act === 'recode'; n = this.followed(bearer)) bearer = n.main
      at = bearer === child ? this.get(at).parent : taker
    }
    return at
  }

  ancestorsOf(code: AgencyCode): AgencyCode[] {
    const found: AgencyCode[] = []
    for (let at = this.get(code).parent; at !== null && at !== code && !found.includes(at); ) {
      found.push(at)
      at = this.agencies.get(at)?.parent ?? null
    }
    return found
  }
}

type Told = Exclude<ActName, 'correct' | 'add-certificate' | 'end-certificate'>
type Replay<N extends ActName> = (state: State, act: Act<N>) => void

function end(state: State, code: AgencyCode, ended: Ending): void {
  const agency = state.get(code)
  state.shut(agency, ended.on)
  agency.ended = ended
}

/** Those who stood beneath an agency when it ended come beneath whoever took over. */
function follow(state: State, children: readonly Agency[], from: AgencyCode): void {
  const { ended } = state.get(from)
  if (ended === null || ended.stay || ended.main === null) return
  for (const child of children) if (child.open) child.parent = state.above(child.code, from)
}

const endingOf = (
  act: Act<'merge' | 'split' | 'recode' | 'close'>,
  kind: Ending['act'],
  heirs: Ending['heirs'],
  main: AgencyCode | null,
): Ending => ({
  act: kind,
  heirs,
  main,
  bounced: (act.whenAddressed ?? (heirs.length > 0 ? 'redirect' : 'bounce')) === 'bounce',
  stay: 'children' in act && act.children === 'stay',
  basis: act.basis ?? null,
  on: act.on,
})

const ACTS: { readonly [N in Told]: Replay<N> } = {
  establish: (state, { code, name, tier, parent, until = null, aliases = [] }) => {
    const agency: Agency = {
      ...{ code, name, tier, parent, until, open: true },
      ...{ eve: { name, parent }, closedOn: null, ended: null, endpoint: null, contacts: new Map() },
    }
    state.agencies.set(code, agency)
    agency.parent = state.above(code, parent)
    for (const { alias } of aliases) state.aliases.set(alias, code)
  },
  rename: (state, { code, name }) => {
    state.get(code).name = name
  },
  move: (state, { code, tier, parent }) => {
    const agency = state.get(code)
    if (tier !== undefined) agency.tier = tier
    if (parent !== undefined) agency.parent = state.above(code, parent)
  },
  merge: (state, act) => {
    const ending = [...new Set(act.codes)].filter((code) => code !== act.into)
    const children = ending.map((code) => state.childrenOf(code))
    for (const code of ending) end(state, code, endingOf(act, 'merge', [{ code: act.into }], act.into))
    ending.forEach((code, at) => {
      follow(state, children[at]!, code)
    })
  },
  split: (state, act) => {
    const children = state.childrenOf(act.code)
    end(state, act.code, endingOf(act, 'split', act.into, act.main))
    follow(state, children, act.code)
  },
  close: (state, act) => {
    const children = state.childrenOf(act.code)
    const heirs = act.successor === null ? [] : [{ code: act.successor }]
    end(state, act.code, endingOf(act, 'closure', heirs, act.successor))
    follow(state, children, act.code)
  },
  recode: (state, act) => {
    const { code, newCode } = act
    const children = state.childrenOf(code)
    const old = { ...state.get(code) }
    end(state, code, endingOf(act, 'recode', [{ code: newCode }], newCode))
    const renewed = { ...old, code: newCode, contacts: new Map(old.contacts) }
    state.agencies.set(newCode, renewed)
    renewed.parent = state.above(newCode, old.parent)
    follow(state, children, code)
  },
  'add-alias': (state, { code, alias }) => void state.aliases.set(alias, code),
  // What was written long ago still leads somewhere.
  'end-alias': () => undefined,
  'set-contact': (state, { code, contact }) => void state.get(code).contacts.set(contact.role, contact),
  'end-contact': (state, { code, role }) => void state.get(code).contacts.delete(role),
  'set-endpoint': (state, { code, endpoint, until = null }) => {
    state.get(code).endpoint = endpoint && { value: endpoint, until }
  },
  'set-group': (state, { code, name, members }) => void state.groups.set(code, { name, members }),
  'end-group': (state, { code }) => void state.groups.delete(code),
}

export type ReplayedAct = Act<Told>
type Rows = { readonly [N in Told]: Replay<N> }
const replay = <N extends Told>(name: N, state: State, act: Act<N>, rows: Rows): void =>
  rows[name](state, act)

/** Acts as they were recorded, in whatever order of their days. */
export class Log {
  readonly acts: readonly ReplayedAct[]
  readonly #states = new Map<string, State>()

  constructor(acts: readonly ReplayedAct[] = []) {
    this.acts = acts
  }

  with(acts: readonly ReplayedAct[]): Log {
    return new Log([...this.acts, ...acts])
  }

  /** What is so on a day: everything that happens by then, day by day, each in the order in which it was recorded. */
  at(day: string): State {
    const known = this.#states.get(day)
    if (known !== undefined) return known
    const state = new State()
    const ends = this.acts.flatMap((act) => ('until' in act && act.until ? [act.until] : []))
    const days = [...new Set([...this.acts.map(({ on }) => on), ...ends])].filter((one) => one <= day)
    for (const one of days.sort()) {
      state.dawn(one)
      for (const act of this.acts) if (act.on === one) replay(act.act, state, act, ACTS)
    }
    this.#states.set(day, state)
    return state
  }

  /** Whether a code is an agency's, on whatever day. */
  knows(code: string): boolean {
    return this.acts.some(
      (act) =>
        (act.act === 'establish' && act.code === code) || (act.act === 'recode' && act.newCode === code),
    )
  }

  isGroup(code: string): boolean {
    return this.acts.some((act) => act.act === 'set-group' && act.code === code)
  }
}
