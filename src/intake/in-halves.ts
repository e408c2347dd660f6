export interface InHalves<I> {
  /** Does items together, and says of each whether it is done; where it throws, nothing is done. */
  readonly attempt: (items: readonly I[]) => Promise<readonly boolean[]>
  /** Whether an attempt failed because one of its items, it is not told which, is held up. */
  readonly isHeldUp: (error: unknown) => boolean
  /** How often a part is divided, however many items there are. */
  readonly mostSplits: number
}

/**
 * Does items together; where one of them holds the others up, in two halves, one after the other, down to those that are
 * held up themselves. Of n items, finding one that is takes log2(n) splits; all of it takes no more than
 * 1 + 2 * `mostSplits` attempts.
 * @returns of each item whether it is done; one that is not is left to be done by itself, whatever it failed of
 * @throws what the first attempt throws, unless an item is held up: nothing is done then
 */
export async function inHalves<I>(
  items: readonly I[],
  { attempt, isHeldUp, mostSplits }: InHalves<I>,
): Promise<readonly boolean[]> {
  let splits = mostSplits
  const whole = async (part: readonly I[]): Promise<readonly boolean[]> => {
    try {
      return await attempt(part)
    } catch (error) {
      if (!isHeldUp(error)) throw error
      return halves(part)
    }
  }
  const halves = async (part: readonly I[]): Promise<readonly boolean[]> => {
    if (part.length === 1 || splits === 0) return noneOf(part)
    splits -= 1
    const middle = Math.ceil(part.length / 2)
    const first = part.slice(0, middle)
    const second = part.slice(middle)
    // The other half may be done: what this one failed of is not theirs.
    const done = await whole(first).catch(() => noneOf(first))
    return [...done, ...(await whole(second).catch(() => noneOf(second)))]
  }
  return whole(items)
}

const noneOf = (part: readonly unknown[]): boolean[] => part.map(() => false)
