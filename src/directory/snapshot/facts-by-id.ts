import type { Fact } from '../../domain/directory/fact.ts'

const LAYER_LIMIT = 4096

/** Facts by their id, also those that were taken back since: a shared array in the order of ids, and a layer of those that came later. */
export class FactsById {
  #base: readonly Fact[]
  #later: Map<number, Fact>

  constructor(base: readonly Fact[], later = new Map<number, Fact>()) {
    this.#base = base
    this.#later = later
  }

  static of(facts: readonly Fact[]): FactsById {
    return new FactsById(inOrder(facts.slice()))
  }

  get(id: number): Fact | undefined {
    const later = this.#later.get(id)
    if (later !== undefined) return later
    let low = 0
    let high = this.#base.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#base[middle]!.id < id) low = middle + 1
      else high = middle
    }
    const found = this.#base[low]
    return found?.id === id ? found : undefined
  }

  add(fact: Fact): void {
    this.#later.set(fact.id, fact)
  }

  fork(): FactsById {
    if (this.#later.size > LAYER_LIMIT) {
      const later = [...this.#later.values()].sort((a, b) => a.id - b.id)
      this.#base = inOrder(this.#base.concat(later))
      this.#later = new Map()
    }
    return new FactsById(this.#base, new Map(this.#later))
  }
}

/** Facts nearly always come in the order of their ids: they are sorted only where they do not. */
function inOrder(facts: Fact[]): Fact[] {
  return facts.some(({ id }, at) => at > 0 && facts[at - 1]!.id >= id)
    ? facts.sort((a, b) => a.id - b.id)
    : facts
}
