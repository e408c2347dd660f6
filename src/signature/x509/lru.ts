/** A map that forgets what was not asked for longest. */
export class Lru<K, V> {
  readonly #most: number
  readonly #map = new Map<K, V>()

  constructor(most: number) {
    this.#most = most
  }

  get(key: K): V | undefined {
    const found = this.#map.get(key)
    if (found === undefined) return undefined
    this.#map.delete(key)
    this.#map.set(key, found)
    return found
  }

  set(key: K, value: V): void {
    this.#map.delete(key)
    this.#map.set(key, value)
    if (this.#map.size <= this.#most) return
    for (const oldest of this.#map.keys()) {
      this.#map.delete(oldest)
      return
    }
  }

  get size(): number {
    return this.#map.size
  }
}
