/** A layer of more keys than this is laid down into a new base. */
const LAYER_LIMIT = 4096

/**
 * Lists by key, cheap to fork: forks share a base that is never written, and each has a layer of the keys in which it
 * differs. An empty list stands for a key that is gone.
 */
export class LayeredLists<K, V> {
  #base: ReadonlyMap<K, readonly V[]>
  #layer: Map<K, V[]>
  /** Lists that only this one holds, and that therefore grow in place. */
  readonly #own = new Set<V[]>()
  #size: number

  constructor(base: ReadonlyMap<K, readonly V[]>, layer = new Map<K, V[]>(), size = base.size) {
    this.#base = base
    this.#layer = layer
    this.#size = size
  }

  /** How many keys have a list that is not empty. */
  get size(): number {
    return this.#size
  }

  get(key: K): readonly V[] {
    return this.#layer.get(key) ?? this.#base.get(key) ?? NONE
  }

  *keys(): Iterable<K> {
    for (const key of this.#base.keys()) if (!this.#layer.has(key)) yield key
    for (const [key, list] of this.#layer) if (list.length > 0) yield key
  }

  add(key: K, value: V): void {
    const list = this.#ownList(key)
    if (list.length === 0) this.#size += 1
    list.push(value)
  }

  remove(key: K, value: V): void {
    if (!this.get(key).includes(value)) return
    const list = this.#ownList(key)
    list.splice(list.indexOf(value), 1)
    if (list.length === 0) this.#size -= 1
  }

  /** A copy that may be written without this one changing. */
  fork(): LayeredLists<K, V> {
    this.#own.clear()
    if (this.#layer.size > LAYER_LIMIT) this.#layDown()
    return new LayeredLists(this.#base, new Map(this.#layer), this.#size)
  }

  #layDown(): void {
    const base = new Map(this.#base)
    for (const [key, list] of this.#layer) {
      if (list.length > 0) base.set(key, list)
      else base.delete(key)
    }
    this.#base = base
    this.#layer = new Map()
  }

  #ownList(key: K): V[] {
    const known = this.#layer.get(key)
    if (known !== undefined && this.#own.has(known)) return known
    const list = [...(known ?? this.#base.get(key) ?? [])]
    this.#layer.set(key, list)
    this.#own.add(list)
    return list
  }
}

const NONE: readonly never[] = []
