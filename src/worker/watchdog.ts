import type { TierCode } from '../domain/tier.ts'

/** Milliseconds without consumption, while jobs wait, after which a worker is not ready, and after which it ends. */
const NOT_READY_AFTER_MS = 30_000
const END_AFTER_MS = 60_000

/**
 * Watches whether work is being consumed. BullMQ's consumption can stop while every connection looks healthy; then the
 * only cure is a new process.
 */
export class Watchdog {
  readonly #lastSeen = new Map<TierCode, number>()

  /** Tells that a tier consumed a job, or had none waiting. `now` in milliseconds of the monotonic clock. */
  saw(tier: TierCode, now: number): void {
    this.#lastSeen.set(tier, now)
  }

  /** Tiers that have had jobs waiting, and consumed none, for too long. */
  starving(now: number, afterMs: number): TierCode[] {
    return [...this.#lastSeen].filter(([, seen]) => now - seen > afterMs).map(([tier]) => tier)
  }

  isReady = (now: number): boolean => this.starving(now, NOT_READY_AFTER_MS).length === 0
  mustEnd = (now: number): boolean => this.starving(now, END_AFTER_MS).length > 0
}
