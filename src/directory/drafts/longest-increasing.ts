/**
 * The indices of a longest strictly increasing subsequence, in n log n: of a list that was put in another order, the
 * most that need not have moved.
 */
export function longestIncreasing(numbers: readonly number[]): ReadonlySet<number> {
  /** By length of a subsequence minus one: the index at which the best one of that length ends. */
  const ends: number[] = []
  const previous = new Array<number>(numbers.length).fill(-1)
  for (const [index, number] of numbers.entries()) {
    const length = firstNotBelow(ends, numbers, number)
    if (length > 0) previous[index] = ends[length - 1]!
    ends[length] = index
  }
  const found = new Set<number>()
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at]!) found.add(at)
  return found
}

function firstNotBelow(ends: readonly number[], numbers: readonly number[], number: number): number {
  let low = 0
  let high = ends.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numbers[ends[middle]!]! < number) low = middle + 1
    else high = middle
  }
  return low
}
