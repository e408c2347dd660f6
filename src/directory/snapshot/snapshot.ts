import { type Fact, type FactKind, holdsOn } from '../../domain/directory/fact.ts'
import type { AgencyOnDay } from '../../domain/directory/resolution.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'

/** The facts of a kind as they stand in a snapshot. */
export type FactOfKind<K extends FactKind> = Extract<Fact, { kind: K }>

/** How far up a hierarchy is followed. */
export const MAX_DEPTH = 32

/**
 * The directory as it was known with one revision: every fact that was said and not taken back, for all days. It is
 * never changed; a later revision makes another one (`with`). Everything that is decided from the directory is decided
 * from this, so that two decisions with one snapshot never contradict each other.
 */
export class DirectorySnapshot {
  readonly revision: number
  readonly #facts: ReadonlyMap<AgencyCode, readonly Fact[]>
  /** Aliases of all days: who was called so. */
  readonly #aliases: ReadonlyMap<string, readonly FactOfKind<'alias'>[]>
  /** Who ever stood directly beneath. */
  readonly #children: ReadonlyMap<AgencyCode, readonly AgencyCode[]>
  /** Who ever ended with this one among its heirs. */
  readonly #predecessors: ReadonlyMap<AgencyCode, readonly AgencyCode[]>

  private constructor(revision: number, facts: ReadonlyMap<AgencyCode, readonly Fact[]>) {
    this.revision = revision
    this.#facts = facts
    const aliases = new Map<string, FactOfKind<'alias'>[]>()
    const children = new Map<AgencyCode, AgencyCode[]>()
    const predecessors = new Map<AgencyCode, AgencyCode[]>()
    for (const list of facts.values()) {
      for (const fact of list) {
        if (fact.kind === 'alias') push(aliases, fact.value.alias, fact)
        else if (fact.kind === 'placement' && fact.value.parent !== null)
          pushOnce(children, fact.value.parent, fact.subject)
        else if (fact.kind === 'succession')
          for (const { code } of fact.value.heirs) pushOnce(predecessors, code, fact.subject)
      }
    }
    this.#aliases = aliases
    this.#children = children
    this.#predecessors = predecessors
  }

  /** @param facts those that hold with this revision: said by then and not taken back */
  static of(revision: number, facts: Iterable<Fact>): DirectorySnapshot {
    const bySubject = new Map<AgencyCode, Fact[]>()
    for (const fact of facts) push(bySubject, fact.subject, fact)
    return new DirectorySnapshot(revision, bySubject)
  }

  /** The snapshot of a later revision. */
  with(revision: number, asserted: readonly Fact[], retracted: readonly number[]): DirectorySnapshot {
    const gone = new Set(retracted)
    const facts = new Map<AgencyCode, readonly Fact[]>(this.#facts)
    const touched = new Set(asserted.map(({ subject }) => subject))
    if (gone.size > 0)
      for (const [subject, list] of this.#facts) if (list.some(({ id }) => gone.has(id))) touched.add(subject)
    for (const subject of touched) {
      const kept = (this.#facts.get(subject) ?? []).filter(({ id }) => !gone.has(id))
      facts.set(subject, [...kept, ...asserted.filter((fact) => fact.subject === subject)])
    }
    return new DirectorySnapshot(revision, facts)
  }

  get size(): number {
    return this.#facts.size
  }

  /** Every code that anything was ever said of, groups among them. */
  codes(): Iterable<AgencyCode> {
    return this.#facts.keys()
  }

  factsOf(code: AgencyCode): readonly Fact[] {
    return this.#facts.get(code) ?? []
  }

  /** What holds of a subject on a day; undefined where nothing of this kind does. */
  fact<K extends FactKind>(code: AgencyCode, kind: K, day: string): FactOfKind<K> | undefined {
    const found = this.#facts.get(code)?.find((fact) => fact.kind === kind && holdsOn(fact, day))
    return found as FactOfKind<K> | undefined
  }

  /** All facts of one kind, of every day. */
  factsOfKind<K extends FactKind>(code: AgencyCode, kind: K): FactOfKind<K>[] {
    return this.factsOf(code).filter((fact): fact is FactOfKind<K> => fact.kind === kind)
  }

  /**
   * The code that a spelling stands for on a day: the code itself; an alias of that day; or one of another day, the
   * latest before it, so that what was written long ago still leads somewhere. Undefined for an unknown one.
   */
  codeOf(
    spelling: string,
    day: string,
  ): { readonly code: AgencyCode; readonly alias: string | null } | undefined {
    if (this.#facts.has(spelling as AgencyCode)) return { code: spelling as AgencyCode, alias: null }
    const holders = this.#aliases.get(spelling)
    if (holders === undefined) return undefined
    const now = holders.find((fact) => holdsOn(fact, day))
    const before = holders.filter((fact) => fact.validFrom <= day)
    const latest = before.reduce<FactOfKind<'alias'> | undefined>(
      (best, fact) => (best === undefined || fact.validFrom > best.validFrom ? fact : best),
      undefined,
    )
    const holder = now ?? latest ?? holders[0]
    return holder && { code: holder.subject, alias: spelling }
  }

  /** Whether a code is, was or will be one of an address group. */
  isGroup(code: AgencyCode): boolean {
    return this.factsOf(code).some(({ kind }) => kind === 'group')
  }

  isOpen(code: AgencyCode, day: string): boolean {
    return this.fact(code, 'existence', day) !== undefined
  }

  /**
   * An agency as it is on a day; where it is not open then, as it was when it last was, or will first be. Undefined for
   * a code that is no agency's.
   */
  agency(code: AgencyCode, day: string): AgencyOnDay | undefined {
    const name = this.#nearest(code, 'name', day)
    const placement = this.#nearest(code, 'placement', day)
    if (name === undefined || placement === undefined) return undefined
    const { tier, parent } = placement.value
    return { code, name: name.value.name, tier, parent }
  }

  /** Who stands directly beneath on a day and is open. */
  childrenOn(code: AgencyCode, day: string): AgencyCode[] {
    return (this.#children.get(code) ?? []).filter(
      (child) => this.isOpen(child, day) && this.fact(child, 'placement', day)?.value.parent === code,
    )
  }

  /** Who stands beneath none on a day and is open. */
  rootsOn(day: string): AgencyCode[] {
    return [...this.#facts.keys()].filter(
      (code) => this.isOpen(code, day) && this.fact(code, 'placement', day)?.value.parent === null,
    )
  }

  /** From the parent up, on a day: the nearest first. */
  ancestors(code: AgencyCode, day: string): AgencyCode[] {
    const found: AgencyCode[] = []
    let parent = this.agency(code, day)?.parent ?? null
    while (parent !== null && found.length < MAX_DEPTH && parent !== code && !found.includes(parent)) {
      found.push(parent)
      parent = this.agency(parent, day)?.parent ?? null
    }
    return found
  }

  /** Whether an agency is another one or stands beneath it, however far. */
  isUnder(code: AgencyCode, ancestor: AgencyCode, day: string): boolean {
    return code === ancestor || this.ancestors(code, day).includes(ancestor)
  }

  /** Everybody who is open and stands beneath, however far; without the agency itself. */
  subtreeOn(code: AgencyCode, day: string): AgencyCode[] {
    const found = new Set<AgencyCode>()
    const visit = (parent: AgencyCode): void => {
      for (const child of this.childrenOn(parent, day)) {
        if (child === code || found.has(child)) continue
        found.add(child)
        visit(child)
      }
    }
    visit(code)
    return [...found]
  }

  /** Those who ended by a day with this one among their heirs. */
  predecessorsOn(code: AgencyCode, day: string): AgencyCode[] {
    return (this.#predecessors.get(code) ?? []).filter((earlier) =>
      this.fact(earlier, 'succession', day)?.value.heirs.some((heir) => heir.code === code),
    )
  }

  #nearest<K extends FactKind>(code: AgencyCode, kind: K, day: string): FactOfKind<K> | undefined {
    const facts = this.factsOfKind(code, kind)
    const past = facts.filter(({ validFrom }) => validFrom <= day)
    const candidates = past.length > 0 ? past : facts
    const later = past.length > 0
    return candidates.reduce<FactOfKind<K> | undefined>((best, fact) => {
      if (best === undefined) return fact
      return fact.validFrom > best.validFrom === later ? fact : best
    }, undefined)
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

function pushOnce<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else if (!list.includes(value)) list.push(value)
}
