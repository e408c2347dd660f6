import { type Fact, type FactKind, type FactValues, holdsOn } from '../../domain/directory/fact.ts'
import type { EndpointOf } from '../../domain/directory/record.ts'
import type { AgencyOnDay } from '../../domain/directory/resolution.ts'
import type { AgencyCode, Sha256 } from '../../domain/identifiers.ts'
import { FactIndex, type FactOfKind, NO_PARENT } from './fact-index.ts'

export type { FactOfKind } from './fact-index.ts'

/** How far up a hierarchy is followed. */
export const MAX_DEPTH = 32

/**
 * The directory as it was known with one revision: every fact that was said and not taken back, for all days. It is
 * never changed; a later revision makes another one (`with`). Everything that is decided from the directory is decided
 * from this, so that two decisions with one snapshot never contradict each other. Lists are in no particular order.
 */
export class DirectorySnapshot {
  readonly revision: number
  readonly #index: FactIndex

  private constructor(revision: number, index: FactIndex) {
    this.revision = revision
    this.#index = index
  }

  /** @param facts those that hold with this revision: said by then and not taken back */
  static of(revision: number, facts: Iterable<Fact>): DirectorySnapshot {
    return new DirectorySnapshot(revision, FactIndex.of(facts))
  }

  /** As `of`, from facts that come page by page. */
  static async read(revision: number, pages: AsyncIterable<Iterable<Fact>>): Promise<DirectorySnapshot> {
    return new DirectorySnapshot(revision, await FactIndex.read(pages))
  }

  /** The snapshot of a later revision; what does not differ is shared with this one. */
  with(revision: number, asserted: Iterable<Fact>, retracted: readonly number[]): DirectorySnapshot {
    const index = this.#index.fork()
    for (const id of retracted) {
      const fact = index.standing(id)
      if (fact !== undefined) index.remove(fact)
    }
    for (const fact of asserted) index.add(fact)
    return new DirectorySnapshot(revision, index)
  }

  /** A copy to try changes on: `view` shows what is written to `index`, and this snapshot stays as it is. */
  fork(): { readonly index: FactIndex; readonly view: DirectorySnapshot } {
    const index = this.#index.fork()
    return { index, view: new DirectorySnapshot(this.revision, index) }
  }

  /** How many codes anything is said of. */
  get size(): number {
    return this.#index.facts.size
  }

  /** Every code that anything is said of, for whatever day; groups among them. */
  codes(): Iterable<AgencyCode> {
    return this.#index.facts.keys()
  }

  factsOf(code: AgencyCode): readonly Fact[] {
    return this.#index.facts.get(code)
  }

  /** A fact that stands with this revision. */
  factById(id: number): Fact | undefined {
    return this.#index.standing(id)
  }

  /** What holds of a subject on a day; undefined where nothing of this kind does. */
  fact<K extends FactKind>(code: AgencyCode, kind: K, day: string): FactOfKind<K> | undefined {
    for (const fact of this.#index.facts.get(code))
      if (fact.kind === kind && holdsOn(fact, day)) return fact as FactOfKind<K>
    return undefined
  }

  /** All facts of one kind, of every day. */
  factsOfKind<K extends FactKind>(code: AgencyCode, kind: K): FactOfKind<K>[] {
    return this.factsOf(code).filter((fact): fact is FactOfKind<K> => fact.kind === kind)
  }

  /** All facts of one kind that hold on a day: such as aliases, contact points, certificates. */
  factsOn<K extends FactKind>(code: AgencyCode, kind: K, day: string): FactOfKind<K>[] {
    return this.factsOfKind(code, kind).filter((fact) => holdsOn(fact, day))
  }

  /** Who bears a spelling as an alias, on whatever day. */
  aliasFacts(spelling: string): readonly FactOfKind<'alias'>[] {
    return this.#index.aliases.get(spelling)
  }

  /**
   * The code that a spelling stands for on a day: a code that has begun by then; an alias of that day, or the latest
   * before it, so that what was written long ago still leads somewhere; a code that is yet to begin. What holds from
   * later on never changes the answer for a day.
   */
  codeOf(
    spelling: string,
    day: string,
  ): { readonly code: AgencyCode; readonly alias: string | null } | undefined {
    const code = spelling as AgencyCode
    const known = this.#index.facts.get(code).length > 0
    const aliases = this.#index.aliases.get(spelling)
    if (aliases.length > 0 && !(known && this.#hasBegun(code, day))) {
      let latest: FactOfKind<'alias'> | undefined
      for (const fact of aliases)
        if (fact.validFrom <= day && (latest === undefined || fact.validFrom > latest.validFrom))
          latest = fact
      if (latest !== undefined) return { code: latest.subject, alias: spelling }
    }
    return known ? { code, alias: null } : undefined
  }

  /** The code, and every alias that leads to it on a day. */
  spellingsOf(code: AgencyCode, day: string): string[] {
    const aliases = this.factsOfKind(code, 'alias').map(({ value }) => value.alias)
    return [code, ...new Set(aliases.filter((alias) => this.codeOf(alias, day)?.code === code))]
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
    const name = this.nearest(code, 'name', day)
    const placement = this.nearest(code, 'placement', day)
    if (name === undefined || placement === undefined) return undefined
    const { tier, parent } = placement.value
    return { code, name: name.value.name, tier, parent }
  }

  /** The fact of a kind with the latest beginning by a day; where there is none, the first to begin. */
  nearest<K extends FactKind>(code: AgencyCode, kind: K, day: string): FactOfKind<K> | undefined {
    let past: Fact | undefined
    let next: Fact | undefined
    for (const fact of this.#index.facts.get(code)) {
      if (fact.kind !== kind) continue
      if (fact.validFrom > day) {
        if (next === undefined || fact.validFrom < next.validFrom) next = fact
      } else if (past === undefined || fact.validFrom > past.validFrom) past = fact
    }
    return (past ?? next) as FactOfKind<K> | undefined
  }

  /** Who stands directly beneath on a day and is open. */
  childrenOn(code: AgencyCode, day: string): AgencyCode[] {
    return this.childrenOfAnyDay(code).filter(
      (child) => this.isOpen(child, day) && this.fact(child, 'placement', day)?.value.parent === code,
    )
  }

  childrenOfAnyDay(code: AgencyCode): readonly AgencyCode[] {
    return this.#index.children.get(code)
  }

  /** Who stands beneath none on a day and is open. */
  rootsOn(day: string): AgencyCode[] {
    return this.#index.children
      .get(NO_PARENT)
      .filter((code) => this.isOpen(code, day) && this.fact(code, 'placement', day)?.value.parent === null)
  }

  /** From the parent up, on a day: the nearest first. Above who has closed the way goes on; above who is yet to begin not. */
  ancestors(code: AgencyCode, day: string): AgencyCode[] {
    const found: AgencyCode[] = []
    let parent = this.#parentBy(code, day)
    while (parent !== null && found.length < MAX_DEPTH && parent !== code && !found.includes(parent)) {
      found.push(parent)
      parent = this.#parentBy(parent, day)
    }
    return found
  }

  /** Whether an agency is another one or stands beneath it, however far. */
  isUnder(code: AgencyCode, ancestor: AgencyCode, day: string): boolean {
    return code === ancestor || this.ancestors(code, day).includes(ancestor)
  }

  /**
   * Everybody who is open and stands beneath, however far; without the agency itself. Beneath who has closed the way goes
   * on, as it does upwards.
   */
  subtreeOn(code: AgencyCode, day: string): AgencyCode[] {
    const passed = new Set<AgencyCode>([code])
    let level = [code]
    while (level.length > 0) {
      const next: AgencyCode[] = []
      for (const parent of level)
        for (const child of this.childrenOfAnyDay(parent)) {
          if (passed.has(child) || this.#parentBy(child, day) !== parent) continue
          passed.add(child)
          next.push(child)
        }
      level = next
    }
    passed.delete(code)
    return [...passed].filter((one) => this.isOpen(one, day))
  }

  /** Those who ended by a day with this one among their heirs. */
  predecessorsOn(code: AgencyCode, day: string): AgencyCode[] {
    return this.predecessorsOfAnyDay(code).filter((earlier) =>
      this.fact(earlier, 'succession', day)?.value.heirs.some((heir) => heir.code === code),
    )
  }

  predecessorsOfAnyDay(code: AgencyCode): readonly AgencyCode[] {
    return this.#index.predecessors.get(code)
  }

  /** Its own endpoint of a day, else that of the nearest above which reaches its whole subtree. */
  endpointFor(code: AgencyCode, day: string): EndpointOf | undefined {
    const own = this.fact(code, 'endpoint', day)
    if (own !== undefined) return { endpoint: own.value, of: code }
    for (const above of this.ancestors(code, day)) {
      const endpoint = this.fact(above, 'endpoint', day)?.value
      if (endpoint?.reaches === 'subtree') return { endpoint, of: above }
    }
    return undefined
  }

  /** The certificates that an agency, or somebody in its name, signs with on a day. */
  certificatesOf(code: AgencyCode, day: string): FactValues['certificate'][] {
    return this.factsOn(code, 'certificate', day).map(({ value }) => value)
  }

  /** Every agency for which a certificate is registered on a day. */
  certificateHolders(sha256: Sha256, day: string): AgencyCode[] {
    return this.#index.certificates
      .get(sha256)
      .filter((fact) => holdsOn(fact, day))
      .map(({ subject }) => subject)
  }

  /** The latest parent by a day: what is planned for later says nothing of it. */
  #parentBy(code: AgencyCode, day: string): AgencyCode | null {
    const placement = this.nearest(code, 'placement', day)
    return placement === undefined || placement.validFrom > day ? null : placement.value.parent
  }

  #hasBegun(code: AgencyCode, day: string): boolean {
    return this.#index.facts
      .get(code)
      .some(({ kind, validFrom }) => (kind === 'existence' || kind === 'group') && validFrom <= day)
  }
}
