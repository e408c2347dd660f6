import type { DeliveryKey } from '../domain/identifiers.ts'
import type { Urgency } from '../domain/urgency.ts'

interface Line {
  underWay: number
  /** By urgency; each set in the order in which they came. */
  readonly standing: readonly Set<DeliveryKey>[]
}

const newLine = (): Line => ({ underWay: 0, standing: MOST_URGENT_FIRST.map(() => new Set()) })
const MOST_URGENT_FIRST: readonly Urgency[] = [4, 3, 2, 1, 0]

/** In which line a delivery stands, and how urgent it is. */
export interface Turn {
  readonly line: string
  readonly urgency: Urgency
}

/**
 * Keeps one recipient that does not answer from taking all places of its tier: of the deliveries to one system no more
 * than `limit` are under way at a time, and what comes beyond stands in line without a place. Lines are in memory
 * only: PostgreSQL knows what stands in them, and the reconciler finds it where a process dies.
 */
export class RecipientLines {
  readonly #limit: number
  readonly #lines = new Map<string, Line>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Does the work, or puts the delivery in line. Returns whether the work was done. */
  async enter(key: DeliveryKey, { line: name, urgency }: Turn, work: () => Promise<void>): Promise<boolean> {
    const standing = this.#standing(name, urgency)
    const line = this.#lines.get(name)!
    if (line.underWay >= this.#limit) {
      standing.add(key)
      return false
    }
    standing.delete(key)
    line.underWay++
    try {
      await work()
    } finally {
      line.underWay--
      this.#forget(name, line)
    }
    return true
  }

  /** Takes out of the lines as many as may go now: the most urgent, and of equals the first. */
  next(): DeliveryKey[] {
    const keys: DeliveryKey[] = []
    for (const [name, line] of this.#lines) {
      let free = this.#limit - line.underWay
      for (const standing of line.standing) {
        for (const key of standing) {
          if (free-- <= 0) break
          standing.delete(key)
          keys.push(key)
        }
      }
      this.#forget(name, line)
    }
    return keys
  }

  /** Puts one in line whose place went to another. */
  giveWay(key: DeliveryKey, { line: name, urgency }: Turn): void {
    this.#standing(name, urgency).add(key)
  }

  /** Takes out everything that stands in line. */
  clear(): DeliveryKey[] {
    const standing = [...this.#lines.values()].flatMap((line) => line.standing)
    const keys = standing.flatMap((set) => [...set])
    for (const set of standing) set.clear()
    return keys
  }

  #standing(name: string, urgency: Urgency): Set<DeliveryKey> {
    const line = this.#lines.get(name) ?? newLine()
    this.#lines.set(name, line)
    return line.standing[MOST_URGENT_FIRST.indexOf(urgency)]!
  }

  #forget(name: string, { underWay, standing }: Line): void {
    if (underWay === 0 && standing.every(({ size }) => size === 0)) this.#lines.delete(name)
  }
}
