import { countStoredBytes } from '../db/agency-storage.ts'
import type { Pool } from '../db/pool.ts'
import { agencyCode } from '../domain/identifiers.ts'

/** Milliseconds for which a count is believed; what this process takes in meanwhile is added. */
const BELIEVED_MS = 5_000
const MOST = 10_000

interface Known {
  bytes: number
  countedAt: number
}

/**
 * Bytes that an agency has handed in and the gateway keeps, for whom a quota is set. What counts is what the agency
 * itself brings: if what lies unfetched in an inbox counted, whoever does not fetch would stop others from sending.
 */
export class StorageQuota {
  readonly #count: (agency: string) => Promise<number>
  readonly #now: () => number
  readonly #known = new Map<string, Known>()

  constructor(
    count: (agency: string) => Promise<number>,
    monotonicNow: () => number = () => performance.now(),
  ) {
    this.#count = count
    this.#now = monotonicNow
  }

  static of(pool: Pool): StorageQuota {
    return new StorageQuota((agency) => countStoredBytes(pool, agencyCode(agency)))
  }

  /** Bytes in use. The first time it waits for the count; later what is old is counted again beside the request. */
  async used(agency: string): Promise<number> {
    const known = this.#known.get(agency)
    if (known === undefined) return this.#recount(agency)
    if (this.#now() - known.countedAt >= BELIEVED_MS) {
      known.countedAt = this.#now()
      this.#recount(agency).catch(() => undefined)
    }
    return known.bytes
  }

  /** What was just taken in, until it is counted. */
  add(agency: string, bytes: number): void {
    const known = this.#known.get(agency)
    if (known !== undefined) known.bytes += bytes
  }

  async #recount(agency: string): Promise<number> {
    const bytes = await this.#count(agency)
    if (this.#known.size >= MOST) this.#known.clear()
    this.#known.set(agency, { bytes, countedAt: this.#now() })
    return bytes
  }
}
