/** Lists are kept in so many parts: what is laid down at once is one part, not the whole. A power of two. */
const PARTS = 64
/** A layer of more keys than this is laid down into a new base of its part. */
const LAYER_LIMIT = 128

/** A base that is never written, and the lists that differ from it. An empty list stands for a key that is gone. */
interface Part<K, V> {
  readonly base: ReadonlyMap<K, readonly V[]>
  readonly layer: Map<K, V[]>
}

/** Lists by key, cheap to fork and to write a little: forks share the parts that neither has written since. */
export class LayeredLists<K extends string, V> {
  readonly #parts: Part<K, V>[]
  /** Parts and lists that only this one holds, and that it therefore writes in place. */
  readonly #ownParts = new Set<number>()
  readonly #ownLists = new Set<V[]>()
  #size: number

  private constructor(parts: Part<K, V>[], size: number) {
    this.#parts = parts
    this.#size = size
  }

  static of<K extends string, V>(lists: ReadonlyMap<K, readonly V[]>): LayeredLists<K, V> {
    const bases = Array.from({ length: PARTS }, () => new Map<K, readonly V[]>())
    // Lists that have grown keep room for more: of a hundred thousand, too much.
    for (const [key, list] of lists) bases[partOf(key)]!.set(key, list.slice())
    return new LayeredLists(
      bases.map((base) => ({ base, layer: new Map() })),
      lists.size,
    )
  }

  /** How many keys have a list that is not empty. */
  get size(): number {
    return this.#size
  }

  get(key: K): readonly V[] {
    const { base, layer } = this.#parts[partOf(key)]!
    return layer.get(key) ?? base.get(key) ?? NONE
  }

  *keys(): Iterable<K> {
    for (const { base, layer } of this.#parts) {
      for (const key of base.keys()) if (!layer.has(key)) yield key
      for (const [key, list] of layer) if (list.length > 0) yield key
    }
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
    this.#ownParts.clear()
    this.#ownLists.clear()
    return new LayeredLists([...this.#parts], this.#size)
  }

  #ownList(key: K): V[] {
    const { base, layer } = this.#ownPart(partOf(key))
    const known = layer.get(key)
    if (known !== undefined && this.#ownLists.has(known)) return known
    const list = [...(known ?? base.get(key) ?? [])]
    layer.set(key, list)
    this.#ownLists.add(list)
    return list
  }

  #ownPart(at: number): Part<K, V> {
    const part = this.#parts[at]!
    if (this.#ownParts.has(at)) return part
    const own =
      part.layer.size > LAYER_LIMIT
        ? { base: laidDown(part), layer: new Map() }
        : { base: part.base, layer: new Map(part.layer) }
    this.#parts[at] = own
    this.#ownParts.add(at)
    return own
  }
}

function laidDown<K, V>({ base, layer }: Part<K, V>): Map<K, readonly V[]> {
  const down = new Map(base)
  for (const [key, list] of layer) {
    if (list.length > 0) down.set(key, list)
    else down.delete(key)
  }
  return down
}

/** Which part a key lies in; keys that are alike differ at their ends. */
function partOf(key: string): number {
  const { length } = key
  const ends =
    key.charCodeAt(length - 1) * 7 + key.charCodeAt(length - 2) * 13 + key.charCodeAt(length - 3) * 17
  return (ends + length) & (PARTS - 1)
}

const NONE: readonly never[] = []
