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
  taking: Promise<void> | null
}

/**
 * Requests of an agency over all processes: a token bucket in the database, from which each process takes so many at a
 * time that it asks once for a hundred requests. Who is refused is told a time of his own: if all keep to it, all are
 * served. Where the database is away nothing is refused here, for nothing goes on behind it.
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
    for (let turn = 0; turn < 2; turn += 1) {
      const now = this.#now()
      if (now >= lease.ends) lease.own = 0
      if (lease.own > 0) {
        lease.own -= 1
        return allowed(lease, perMinute, now)
      }
      if (now < lease.emptyUntil) break
      lease.taking ??= this.#refill(agency, lease, perMinute)
      await lease.taking
    }
    if (lease.own > 0) {
      lease.own -= 1
      return allowed(lease, perMinute, this.#now())
    }
    return refused(lease, perMinute, this.#now())
  }

  /** What a request of the agency is answered where it is known that there is none left; asks nobody. */
  empty(agency: string, perMinute: number): RateAnswer | undefined {
    const lease = this.#leases.get(agency)
    const now = this.#now()
    if (lease === undefined || now >= lease.emptyUntil || (lease.own > 0 && now < lease.ends))
      return undefined
    return refused(lease, perMinute, now)
  }

  async #refill(agency: string, lease: Lease, perMinute: number): Promise<void> {
    const wanted = Math.max(1, Math.floor(perMinute / PARTS))
    try {
      const { granted, tokens } = await this.#take(agency, perMinute, wanted)
      const now = this.#now()
      Object.assign(lease, { own: granted, ends: now + LEASE_MS, shared: tokens, lookedAt: now })
      lease.emptyUntil = granted > 0 ? 0 : now + ((1 - tokens) * 60_000) / perMinute
    } catch {
      Object.assign(lease, { own: wanted, ends: this.#now() + 1_000, emptyUntil: 0 })
    } finally {
      lease.taking = null
    }
  }

  #leaseOf(agency: string): Lease {
    const known = this.#leases.get(agency)
    if (known !== undefined) return known
    if (this.#leases.size >= MOST) this.#leases.clear()
    const lease = { own: 0, ends: 0, shared: 0, lookedAt: 0, emptyUntil: 0, promised: 0, taking: null }
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
