import type { Fact } from '../../domain/directory/fact.ts'

/**
 * Facts by their id, also those that were taken back since. They lie in arrays in the order of ids, each more than twice
 * as long as the next, which forks share: what is added costs little, and few arrays are looked through.
 */
export class FactsById {
  #sealed: readonly (readonly Fact[])[]
  /** What was added since the last fork. */
  #open: Fact[] = []

  private constructor(sealed: readonly (readonly Fact[])[]) {
    this.#sealed = sealed
  }

  static of(facts: readonly Fact[]): FactsById {
    return new FactsById([inOrder(facts.slice())])
  }

  get(id: number): Fact | undefined {
    for (const facts of this.#sealed) {
      const found = search(facts, id)
      if (found !== undefined) return found
    }
    return this.#open.find((fact) => fact.id === id)
  }

  add(fact: Fact): void {
    this.#open.push(fact)
  }

  /** A copy that may be written without this one changing. */
  fork(): FactsById {
    if (this.#open.length > 0) {
      this.#sealed = sealed(this.#sealed, inOrder(this.#open))
      this.#open = []
    }
    return new FactsById(this.#sealed)
  }
}

function sealed(before: readonly (readonly Fact[])[], added: readonly Fact[]): (readonly Fact[])[] {
  const kept = [...before]
  let last = added
  for (let previous = kept.at(-1); previous && previous.length <= 2 * last.length; previous = kept.at(-1)) {
    last = inOrder(previous.concat(last))
    kept.pop()
  }
  return [...kept, last]
}

function search(facts: readonly Fact[], id: number): Fact | undefined {
  let low = 0
  let high = facts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (facts[middle]!.id < id) low = middle + 1
    else high = middle
  }
  const found = facts[low]
  return found?.id === id ? found : undefined
}

/** Facts nearly always come in the order of their ids: they are sorted only where they do not. */
function inOrder(facts: Fact[]): Fact[] {
  return facts.some(({ id }, at) => at > 0 && facts[at - 1]!.id >= id)
    ? facts.sort((a, b) => a.id - b.id)
    : facts
}
