/** A source of numbers that a seed alone decides. */
export interface Random {
  /** From 0 up to, and not, `below`. */
  below(below: number): number
  pick<T>(from: readonly T[]): T
}

/** Mulberry32: small, and even enough to choose mutations by. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (most: number) => Math.floor(next() * most)
  return { below, pick: (from) => from[below(from.length)]! }
}
