/** Numbers that look random and are the same for the same seed, on every machine. */
export interface SeededRandom {
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number
  pick<T>(list: readonly T[]): T
  shuffled<T>(list: readonly T[]): T[]
}

/** Mulberry32 (32 bits of state): for test data, never for secrets. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed | 0
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit)
  }
  return {
    below,
    pick: (list) => list[below(list.length)]!,
    shuffled(list) {
      const copy = [...list]
      for (let i = copy.length - 1; i > 0; i -= 1) {
        const j = below(i + 1)
        const kept = copy[i]!
        copy[i] = copy[j]!
        copy[j] = kept
      }
      return copy
    },
  }
}

/** Parts of `total`, whole numbers in the proportion of `weights`, each at least `least`. */
export function apportion(total: number, weights: readonly number[], least = 0): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  const free = total - least * weights.length
  if (free < 0) throw new RangeError('there is not enough for the least share of each')
  const exact = weights.map((weight) => (free * weight) / sum)
  const parts = exact.map(Math.floor)
  const left = free - parts.reduce((all, part) => all + part, 0)
  const byRest = exact.map((share, index) => ({ index, rest: share - Math.floor(share) }))
  byRest.sort((a, b) => b.rest - a.rest || a.index - b.index)
  for (const { index } of byRest.slice(0, left)) parts[index] = parts[index]! + 1
  return parts.map((part) => part + least)
}
