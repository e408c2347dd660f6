import type { Delta, Fact, FactKind, NewFact } from '../../domain/directory/fact.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Sliced } from '../slices.ts'
import type { FactIndex } from '../snapshot/fact-index.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { comparingFacts } from './changes.ts'
import { compacting } from './compact.ts'
import type { Change } from './outcome.ts'

/** Kinds that an agency has only while it is open. */
export const WHILE_OPEN = ['existence', 'name', 'placement', 'endpoint', 'contact', 'certificate'] as const

/**
 * Facts of one subject that one draft says and takes back: each is held against all the others, so that thousands of
 * them would hold up the process.
 */
export const MOST_OF_ONE = 1_000
/** Facts of all subjects together: acts that move everybody beneath an agency multiply them. */
export const MOST_OF_ALL = 200_000

/** A directory to try acts on, which remembers what they said and took back. */
export class Workbench {
  /** The directory with everything that was tried so far. */
  readonly view: DirectorySnapshot
  /** What acts wrote of, with the path of the last act that did. */
  readonly touched = new Map<AgencyCode, Map<FactKind, string>>()
  /** The subject at which more was said than one draft may. */
  overwritten: AgencyCode | undefined
  readonly #writes = new Map<AgencyCode, number>()
  #allWrites = 0
  readonly #index: FactIndex
  readonly #asserted = new Map<number, Fact>()
  readonly #retracted: Fact[] = []
  #act = { path: '', asserted: new Set<Fact>(), retracted: [] as Fact[] }
  #lastId = 0

  constructor(snapshot: DirectorySnapshot) {
    const { index, view } = snapshot.fork()
    this.#index = index
    this.view = view
  }

  /** From here on everything is written by the act at a path. */
  begin(path: string): void {
    this.#act = { path, asserted: new Set(), retracted: [] }
  }

  /** What the present act has changed so far. */
  changing(): Sliced<Change[]> {
    return comparingFacts(this.#act.retracted, this.#act.asserted)
  }

  /** Everything that was written, as one revision. */
  *delta(): Sliced<Delta> {
    const asserted: NewFact[] = []
    for (const fact of this.#asserted.values()) {
      asserted.push(newFact(fact))
      yield
    }
    return yield* compacting(this.#retracted, asserted)
  }

  assert(fact: NewFact): Fact {
    // Ids below zero: not on record yet.
    this.#lastId -= 1
    const made: Fact = { ...fact, id: this.#lastId, assertedIn: this.view.revision + 1, retractedIn: null }
    this.#index.add(made)
    this.#asserted.set(made.id, made)
    this.#act.asserted.add(made)
    this.#touch(made)
    return made
  }

  retract(fact: Fact): void {
    this.#index.remove(fact)
    if (!this.#asserted.delete(fact.id)) this.#retracted.push(fact)
    if (!this.#act.asserted.delete(fact)) this.#act.retracted.push(fact)
    this.#touch(fact)
  }

  /** Lets a fact hold until a day only. */
  endAt(fact: Fact, on: string): void {
    this.retract(fact)
    if (fact.validFrom < on) this.assert({ ...newFact(fact), validTo: on })
  }

  #touch({ subject, kind }: Fact): void {
    const writes = (this.#writes.get(subject) ?? 0) + 1
    this.#writes.set(subject, writes)
    this.#allWrites += 1
    if (writes > MOST_OF_ONE || this.#allWrites > MOST_OF_ALL) this.overwritten ??= subject
    const kinds = this.touched.get(subject)
    if (kinds === undefined) this.touched.set(subject, new Map([[kind, this.#act.path]]))
    else kinds.set(kind, this.#act.path)
  }
}

/** What a fact says, without its place on record. */
export function newFact(fact: Fact): NewFact {
  const { id: _, assertedIn: __, retractedIn: ___, ...said } = fact
  return said as NewFact
}
