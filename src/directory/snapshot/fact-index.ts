import type { Fact, FactKind } from '../../domain/directory/fact.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { FactsById } from './facts-by-id.ts'
import { LayeredLists } from './layered-lists.ts'
import { sharingStrings } from './share-strings.ts'

/** The facts of a kind as they stand in a snapshot. */
export type FactOfKind<K extends FactKind> = Extract<Fact, { kind: K }>

/** The key of those that stand beneath none. */
export const NO_PARENT = ''
type Parent = AgencyCode | typeof NO_PARENT

interface Indexes {
  readonly facts: LayeredLists<AgencyCode, Fact>
  /** Aliases of all days: who was called so. */
  readonly aliases: LayeredLists<string, FactOfKind<'alias'>>
  /** Certificates of all days, by their SHA-256: who was registered with one. */
  readonly certificates: LayeredLists<string, FactOfKind<'certificate'>>
  /** Who stands directly beneath on any day. */
  readonly children: LayeredLists<Parent, AgencyCode>
  /** Who ends on any day with this one among its heirs. */
  readonly predecessors: LayeredLists<AgencyCode, AgencyCode>
  readonly byId: FactsById
}

/** Facts of all days with the indexes that questions are answered from. Written only by whoever made or forked it. */
export class FactIndex implements Indexes {
  readonly facts: Indexes['facts']
  readonly aliases: Indexes['aliases']
  readonly certificates: Indexes['certificates']
  readonly children: Indexes['children']
  readonly predecessors: Indexes['predecessors']
  readonly byId: FactsById

  private constructor(indexes: Indexes) {
    this.facts = indexes.facts
    this.aliases = indexes.aliases
    this.certificates = indexes.certificates
    this.children = indexes.children
    this.predecessors = indexes.predecessors
    this.byId = indexes.byId
  }

  static of(given: Iterable<Fact>): FactIndex {
    const { add, done } = FactIndex.#build()
    for (const fact of given) add(fact)
    return done()
  }

  /** From facts that come page by page, each of which is given up once it is read. */
  static async read(pages: AsyncIterable<Iterable<Fact>>): Promise<FactIndex> {
    const { add, done } = FactIndex.#build()
    for await (const page of pages) for (const fact of page) add(fact)
    return done()
  }

  static #build(): { add(fact: Fact): void; done(): FactIndex } {
    const share = sharingStrings()
    const all: Fact[] = []
    const facts = new Map<AgencyCode, Fact[]>()
    const aliases = new Map<string, FactOfKind<'alias'>[]>()
    const certificates = new Map<string, FactOfKind<'certificate'>[]>()
    const children = new Map<Parent, AgencyCode[]>()
    const predecessors = new Map<AgencyCode, AgencyCode[]>()
    const add = (one: Fact) => {
      const fact = share(one)
      all.push(fact)
      const others = facts.get(fact.subject) ?? []
      if (fact.kind === 'alias') push(aliases, fact.value.alias, fact)
      else if (fact.kind === 'certificate') push(certificates, fact.value.sha256, fact)
      for (const parent of parentsNewIn(fact, others)) push(children, parent, fact.subject)
      for (const heir of heirsNewIn(fact, others)) push(predecessors, heir, fact.subject)
      push(facts, fact.subject, fact)
    }
    const done = () =>
      new FactIndex({
        facts: LayeredLists.of(facts),
        aliases: LayeredLists.of(aliases),
        certificates: LayeredLists.of(certificates),
        children: LayeredLists.of(children),
        predecessors: LayeredLists.of(predecessors),
        byId: FactsById.of(all),
      })
    return { add, done }
  }

  fork(): FactIndex {
    return new FactIndex({
      facts: this.facts.fork(),
      aliases: this.aliases.fork(),
      certificates: this.certificates.fork(),
      children: this.children.fork(),
      predecessors: this.predecessors.fork(),
      byId: this.byId.fork(),
    })
  }

  /** A fact that stands; undefined where it was taken back, or never said. */
  standing(id: number): Fact | undefined {
    const fact = this.byId.get(id)
    return fact !== undefined && this.facts.get(fact.subject).includes(fact) ? fact : undefined
  }

  add(fact: Fact): void {
    const others = this.facts.get(fact.subject)
    if (fact.kind === 'alias') this.aliases.add(fact.value.alias, fact)
    else if (fact.kind === 'certificate') this.certificates.add(fact.value.sha256, fact)
    for (const parent of parentsNewIn(fact, others)) this.children.add(parent, fact.subject)
    for (const heir of heirsNewIn(fact, others)) this.predecessors.add(heir, fact.subject)
    this.facts.add(fact.subject, fact)
    this.byId.add(fact)
  }

  remove(fact: Fact): void {
    this.facts.remove(fact.subject, fact)
    const others = this.facts.get(fact.subject)
    if (fact.kind === 'alias') this.aliases.remove(fact.value.alias, fact)
    else if (fact.kind === 'certificate') this.certificates.remove(fact.value.sha256, fact)
    for (const parent of parentsNewIn(fact, others)) this.children.remove(parent, fact.subject)
    for (const heir of heirsNewIn(fact, others)) this.predecessors.remove(heir, fact.subject)
  }
}

/** The parent that a fact names and the subject's other facts do not. */
function parentsNewIn(fact: Fact, others: readonly Fact[]): readonly Parent[] {
  if (fact.kind !== 'placement') return NOBODY
  const { parent } = fact.value
  return others.some((other) => other.kind === 'placement' && other.value.parent === parent)
    ? NOBODY
    : [parent ?? NO_PARENT]
}

function heirsNewIn(fact: Fact, others: readonly Fact[]): readonly AgencyCode[] {
  if (fact.kind !== 'succession') return NOBODY
  const heirs = new Set(fact.value.heirs.map(({ code }) => code))
  for (const other of others)
    if (other.kind === 'succession') for (const { code } of other.value.heirs) heirs.delete(code)
  return [...heirs]
}

const NOBODY: readonly never[] = []

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
