/** Something that was fetched, and how long it may be used. */
export interface Kept<T> {
  readonly value: T
  readonly until: Date
  /** In bytes, about: what is kept is bounded by it. */
  readonly size: number
}

export interface CacheBounds {
  readonly maxEntries: number
  readonly maxBytes: number
}

/**
 * Keeps what was fetched until its time is over, and not a moment longer: what cannot be had anew is then absent.
 * Those who ask for the same thing at the same time share one fetch. Owns its entries; the oldest make way.
 */
export class ExpiringCache<T> {
  readonly #entries = new Map<string, Kept<T>>()
  readonly #underWay = new Map<string, Promise<T>>()
  readonly #bounds: CacheBounds
  readonly #now: () => Date
  #bytes = 0

  constructor(bounds: CacheBounds, now: () => Date) {
    this.#bounds = bounds
    this.#now = now
  }

  /** What is kept under the key, else what `fetch` brings; one fetch at a time for each key. */
  get(key: string, fetch: () => Promise<Kept<T>>): Promise<T> {
    const kept = this.#entries.get(key)
    if (kept !== undefined) {
      if (kept.until > this.#now()) return Promise.resolve(kept.value)
      this.#remove(key)
    }
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    const fetching = fetch()
      .then((fetched) => {
        this.#keep(key, fetched)
        return fetched.value
      })
      .finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, fetching)
    return fetching
  }

  #keep(key: string, fetched: Kept<T>): void {
    if (fetched.until <= this.#now() || fetched.size > this.#bounds.maxBytes) return
    this.#entries.set(key, fetched)
    this.#bytes += fetched.size
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#bounds.maxEntries && this.#bytes <= this.#bounds.maxBytes) return
      this.#remove(oldest)
    }
  }

  #remove(key: string): void {
    this.#bytes -= this.#entries.get(key)?.size ?? 0
    this.#entries.delete(key)
  }
}
