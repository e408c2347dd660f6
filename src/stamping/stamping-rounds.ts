import { mayAsk } from '../signature/x509/revocation.ts'
import type { StampingDependencies } from './dependencies.ts'
import { type Lifted, liftDueSeals } from './lift-due-seals.ts'

export interface RoundOptions {
  /** Told after every seal. */
  readonly onProgress?: () => void
  /** Told what each batch came to. */
  readonly onBatch?: (lifted: Lifted) => void
  /** Seals that are taken at once while authorities answer. */
  readonly batch?: number
  /** The longest rest between two attempts during an outage, in milliseconds. */
  readonly longestRestMs?: number
  readonly monotonicNow?: () => number
}

const BATCH = 8
const FIRST_REST_MS = 1_000
const LONGEST_REST_MS = 30_000

/**
 * One round of lifting seals after the other: all that is due, timestamps first. During an outage one seal alone is
 * tried, ever more seldom up to twice a minute, so that its end is found without asking for every seal in vain.
 */
export function stampingRounds(deps: StampingDependencies, options: RoundOptions = {}): () => Promise<void> {
  const { batch = BATCH, longestRestMs = LONGEST_REST_MS, monotonicNow = () => performance.now() } = options
  const { onProgress, onBatch } = options
  let failures = 0
  let notBefore = Number.NEGATIVE_INFINITY

  const liftAll = async (wants: 'B-T' | 'B-LT', first: number): Promise<boolean> => {
    for (let size = first; ; size = batch) {
      const lifted = await liftDueSeals(deps, wants, { batch: size, ...(onProgress && { onProgress }) })
      onBatch?.(lifted)
      if (lifted.outage !== undefined) return false
      if (!lifted.more) return true
      if (wants === 'B-T') failures = 0
    }
  }

  return async () => {
    if (monotonicNow() >= notBefore) {
      const isUp = await liftAll('B-T', failures === 0 ? batch : 1)
      failures = isUp ? 0 : failures + 1
      const rest = Math.min(FIRST_REST_MS * 2 ** (failures - 1), longestRestMs)
      notBefore = isUp ? Number.NEGATIVE_INFINITY : monotonicNow() + rest
    }
    if (mayAsk(deps.revocation) && deps.signal?.aborted !== true) await liftAll('B-LT', batch)
  }
}
