import type { RoutingTable } from '../../db/routing.ts'
import type { TableRule } from '../../domain/routing-rule.ts'

/** What rules are looked up by; of what is not known, no rule is found. */
export interface Lookup {
  readonly facts: {
    readonly recipient: { readonly code?: string; readonly tier?: string }
    readonly sender?: string
    readonly documentType?: string | undefined
  }
  readonly recipientLine: readonly string[]
  readonly senderLine: readonly string[]
}

/** Places of rules in their table, by what one of their conditions asks for. Each list is in the order of the table. */
type Index = ReadonlyMap<string, readonly number[]>

const INDEXED = ['recipient', 'under', 'sender', 'senderUnder', 'documentType', 'tier'] as const
type Indexed = (typeof INDEXED)[number]

/** A routing table made ready for decisions: a rule stands in one index, by its condition that most seldom holds. */
export interface CompiledTable {
  readonly revision: number
  readonly rules: readonly TableRule[]
  readonly indexes: Readonly<Record<Indexed, Index>>
  /** Rules without any condition by which they could be looked up. */
  readonly rest: readonly number[]
}

export function compileTable({ revision, rules }: Pick<RoutingTable, 'revision' | 'rules'>): CompiledTable {
  const indexes: Record<Indexed, Map<string, number[]>> = {
    recipient: new Map(),
    under: new Map(),
    sender: new Map(),
    senderUnder: new Map(),
    documentType: new Map(),
    tier: new Map(),
  }
  const rest: number[] = []
  for (const [place, rule] of rules.entries()) {
    const condition = INDEXED.find((one) => rule[one] !== undefined)
    const key = condition && rule[condition]
    if (condition === undefined || key === undefined) rest.push(place)
    else placesOf(indexes[condition], key).push(place)
  }
  return { revision, rules, indexes, rest }
}

function placesOf(index: Map<string, number[]>, key: string): number[] {
  const places = index.get(key) ?? []
  if (places.length === 0) index.set(key, places)
  return places
}

/**
 * The places of all rules that may apply, in the order of the table: of the others it is certain without a look that
 * they do not.
 */
export function* candidates(
  { indexes, rest }: CompiledTable,
  { facts, recipientLine, senderLine }: Lookup,
): Generator<number> {
  const lists: (readonly number[])[] = []
  const add = (list: readonly number[] | undefined) => {
    if (list !== undefined && list.length > 0) lists.push(list)
  }
  const addFor = (index: Index, key: string | undefined) => {
    if (key !== undefined) add(index.get(key))
  }
  addFor(indexes.recipient, facts.recipient.code)
  if (indexes.under.size > 0) for (const code of recipientLine) add(indexes.under.get(code))
  addFor(indexes.sender, facts.sender)
  if (indexes.senderUnder.size > 0) for (const code of senderLine) add(indexes.senderUnder.get(code))
  addFor(indexes.documentType, facts.documentType)
  addFor(indexes.tier, facts.recipient.tier)
  add(rest)
  yield* inOrder(lists)
}

/** Merges lists of rising numbers, none of which stands in two. */
function* inOrder(lists: readonly (readonly number[])[]): Generator<number> {
  const heads = lists.map((list) => ({ list, at: 0 }))
  const least = (best: number, { list, at }: { list: readonly number[]; at: number }): number =>
    Math.min(best, list[at] ?? Number.POSITIVE_INFINITY)
  for (;;) {
    const place = heads.reduce(least, Number.POSITIVE_INFINITY)
    if (place === Number.POSITIVE_INFINITY) return
    for (const head of heads) if (head.list[head.at] === place) head.at++
    yield place
  }
}

const compiled = new WeakMap<RoutingTable, CompiledTable>()

/** A table of the registry, compiled once. */
export function compiledOf(table: RoutingTable): CompiledTable {
  const known = compiled.get(table) ?? compileTable(table)
  compiled.set(table, known)
  return known
}
