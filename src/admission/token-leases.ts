import type { Tokens } from '../db/agency-limits.ts'

/** A process takes a hundredth of the limit at a time, and gives up after a minute what it did not use. */
const PARTS = 100
const LEASE_MS = 60_000
/** Agencies that are remembered; there are fewer. */
const MOST = 10_000

export type TakeTokens = (agency: string, perMinute: number, wanted: number) => Promise<Tokens>

export interface RateAnswer {
  readonly allowed: boolean
  /** Requests that are left, as far as this process knows. */
  readonly remaining: number
  /** Seconds until one more is allowed; where it is allowed now, until the bucket is full. */
  readonly seconds: number
}

interface Lease {
  own: number
  ends: number
  /** Of the bucket that all share, when it was looked at last. */
  shared: number
  lookedAt: number
  /** Until when nothing can be had, and the instant that the next who is refused is told. */
  emptyUntil: number
  promised: number
  /** Whether the bucket is asked just now, and who waits for a token, in the order in which they came. */
  asking: boolean
  waiting: ((gotOne: boolean) => void)[]
}

/**
 * Requests of an agency over all processes: a token bucket in the database, from which each process takes so many at a
 * time that it asks once for a hundred requests, or for all who wait where they are more. Nobody is refused before the
 * bucket says that it is empty; who is refused is told a time of his own: if all keep to it, all are served. Where the
 * database is away nothing is refused here, for nothing goes on behind it.
 */
export class TokenLeases {
  readonly #take: TakeTokens
  readonly #now: () => number
  readonly #leases = new Map<string, Lease>()

  constructor(take: TakeTokens, monotonicNow: () => number = () => performance.now()) {
    this.#take = take
    this.#now = monotonicNow
  }

  /** Uses up one request of an agency. @param perMinute its limit */
  async use(agency: string, perMinute: number): Promise<RateAnswer> {
    const lease = this.#leaseOf(agency)
    const now = this.#now()
    if (now >= lease.ends) lease.own = 0
    if (lease.own > 0) {
      lease.own -= 1
      return allowed(lease, perMinute, now)
    }
    if (now < lease.emptyUntil) return refused(lease, perMinute, now)
    const gotOne = await new Promise<boolean>((resolve) => {
      lease.waiting.push(resolve)
      if (!lease.asking) void this.#serve(agency, lease, perMinute)
    })
    return (gotOne ? allowed : refused)(lease, perMinute, this.#now())
  }

  /** What a request of the agency is answered where it is known that there is none left; asks nobody. */
  empty(agency: string, perMinute: number): RateAnswer | undefined {
    const lease = this.#leases.get(agency)
    const now = this.#now()
    if (lease === undefined || now >= lease.emptyUntil || (lease.own > 0 && now < lease.ends))
      return undefined
    return refused(lease, perMinute, now)
  }

  /**
   * Asks the bucket until nobody waits. Each answer serves all who waited when it was asked, or says that the bucket is
   * empty, and then the others are refused: nobody waits for more than two.
   */
  async #serve(agency: string, lease: Lease, perMinute: number): Promise<void> {
    lease.asking = true
    while (lease.waiting.length > 0) {
      const isEmpty = await this.#refill(agency, lease, perMinute)
      const served = lease.waiting.splice(0, lease.own)
      lease.own -= served.length
      for (const tell of served) tell(true)
      if (isEmpty) for (const tell of lease.waiting.splice(0)) tell(false)
    }
    lease.asking = false
  }

  /** @returns whether the bucket is empty: it gave less than it was asked for, so that it holds less than one more */
  async #refill(agency: string, lease: Lease, perMinute: number): Promise<boolean> {
    const part = Math.max(1, Math.floor(perMinute / PARTS))
    const wanted = Math.max(part, lease.waiting.length)
    try {
      const { granted, tokens } = await this.#take(agency, perMinute, wanted)
      const now = this.#now()
      const isEmpty = granted < wanted
      Object.assign(lease, { own: granted, ends: now + LEASE_MS, shared: tokens, lookedAt: now })
      lease.emptyUntil = isEmpty ? now + ((1 - tokens) * 60_000) / perMinute : 0
      return isEmpty
    } catch {
      Object.assign(lease, { own: part + lease.waiting.length, ends: this.#now() + 1_000, emptyUntil: 0 })
      return false
    }
  }

  #leaseOf(agency: string): Lease {
    const known = this.#leases.get(agency)
    if (known !== undefined) return known
    if (this.#leases.size >= MOST) this.#leases.clear()
    const lease: Lease = {
      ...{ own: 0, ends: 0, shared: 0, lookedAt: 0, emptyUntil: 0, promised: 0 },
      asking: false,
      waiting: [],
    }
    this.#leases.set(agency, lease)
    return lease
  }
}

function allowed(lease: Lease, perMinute: number, now: number): RateAnswer {
  const filled = lease.shared + ((now - lease.lookedAt) * perMinute) / 60_000
  const remaining = Math.min(perMinute, lease.own + Math.floor(filled))
  return { allowed: true, remaining, seconds: Math.ceil(((perMinute - remaining) * 60) / perMinute) }
}

/** Each of those who are refused is told the time of one more token; nobody more than a minute. */
function refused(lease: Lease, perMinute: number, now: number): RateAnswer {
  lease.promised = Math.min(Math.max(lease.promised + 60_000 / perMinute, lease.emptyUntil), now + LEASE_MS)
  return { allowed: false, remaining: 0, seconds: Math.max(1, Math.ceil((lease.promised - now) / 1_000)) }
}
