import type { TierCode } from '../domain/tier.ts'

/** Milliseconds without consumption, while jobs wait. */
export interface Patience {
  /** After which a worker is not ready. */
  readonly readyMs: number
  /** After which it ends. */
  readonly endMs: number
}

const PATIENCE: Patience = { readyMs: 30_000, endMs: 60_000 }

/**
 * Watches whether work is being consumed. BullMQ's consumption can stop while every connection looks healthy; then the
 * only cure is a new process.
 */
export class Watchdog {
  readonly #lastSeen = new Map<TierCode, number>()
  readonly #patience: Patience

  constructor(patience = PATIENCE) {
    this.#patience = patience
  }

  /** Tells that a tier consumed a job, or had none waiting. `now` in milliseconds of the monotonic clock. */
  saw(tier: TierCode, now: number): void {
    this.#lastSeen.set(tier, now)
  }

  isReady = (now: number): boolean => this.#seenBefore(now - this.#patience.readyMs).length === 0

  /** Tiers that have had jobs waiting, and consumed none, for so long that this process must end. */
  starved = (now: number): TierCode[] => this.#seenBefore(now - this.#patience.endMs)

  #seenBefore(instant: number): TierCode[] {
    return [...this.#lastSeen].filter(([, seen]) => seen < instant).map(([tier]) => tier)
  }
}
