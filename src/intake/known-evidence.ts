import type { Pool } from '../db/pool.ts'
import type { EvidenceItem } from '../domain/evidence-item.ts'
import type { Sha256 } from '../domain/identifiers.ts'

/** Digests that are remembered at most: certificates and revocation data of the senders of some hours. */
const MOST = 20_000

/**
 * What this process knows to be kept in `signature_evidence`, from which nothing is ever removed: the same certificates
 * come with document after document, and need not be sent to the database each time.
 */
class KnownEvidence {
  readonly #known = new Set<Sha256>()

  /** Those of which it is not known. */
  lacking(items: readonly EvidenceItem[]): EvidenceItem[] {
    return items.filter(({ sha256 }) => !this.#known.has(sha256))
  }

  /** They are kept for certain: their transaction is committed. */
  keep(items: readonly EvidenceItem[]): void {
    for (const { sha256 } of items) {
      if (this.#known.size >= MOST) this.#known.clear()
      this.#known.add(sha256)
    }
  }

  /** Something did not go as it should: what is known may be of another database. */
  forget(): void {
    this.#known.clear()
  }
}

const ofPools = new WeakMap<Pool, KnownEvidence>()

export function knownEvidence(pool: Pool): KnownEvidence {
  const known = ofPools.get(pool) ?? new KnownEvidence()
  ofPools.set(pool, known)
  return known
}
