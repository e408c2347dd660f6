import type { TierCode } from '../domain/tier.ts'

/** Milliseconds without a sign of life. */
export interface Patience {
  /** After which a worker is not ready. */
  readonly readyMs: number
  /** After which it ends. */
  readonly endMs: number
}

/** Without consumption, while jobs wait. */
const OF_TIERS: Patience = { readyMs: 30_000, endMs: 60_000 }
/** Without an end of a round; a round may wait 35 s for a database that fell silent, and mends itself then. */
const OF_LOOPS: Patience = { readyMs: 60_000, endMs: 120_000 }

/**
 * Watches whether work is being done. BullMQ's consumption can stop while every connection looks healthy, and a loop
 * that feeds it can wait for an answer that never comes; then the only cure is a new process.
 */
export class Watchdog {
  readonly #tiers: SignsOfLife
  readonly #loops: SignsOfLife

  constructor(ofTiers = OF_TIERS, ofLoops = OF_LOOPS) {
    this.#tiers = new SignsOfLife(ofTiers)
    this.#loops = new SignsOfLife(ofLoops)
  }

  /** Tells that a tier consumed a job, or had none waiting. `now` in milliseconds of the monotonic clock. */
  saw = (tier: TierCode, now: number): void => this.#tiers.saw(tier, now)

  /** Tells that a loop ended a round, or got on with it. */
  turned = (loop: string, now: number): void => this.#loops.saw(loop, now)

  isReady = (now: number): boolean => this.#tiers.isReady(now) && this.#loops.isReady(now)

  /**
   * Tiers that have had jobs waiting, and consumed none, for so long that this process must end; and loops (`loop:…`)
   * that hang.
   */
  stuck = (now: number): string[] => [
    ...this.#tiers.dead(now),
    ...this.#loops.dead(now).map((loop) => `loop:${loop}`),
  ]
}

class SignsOfLife {
  readonly #lastSeen = new Map<string, number>()
  readonly #patience: Patience

  constructor(patience: Patience) {
    this.#patience = patience
  }

  saw(name: string, now: number): void {
    this.#lastSeen.set(name, now)
  }

  isReady = (now: number): boolean => this.#seenBefore(now - this.#patience.readyMs).length === 0

  dead = (now: number): string[] => this.#seenBefore(now - this.#patience.endMs)

  #seenBefore(instant: number): string[] {
    return [...this.#lastSeen].filter(([, seen]) => seen < instant).map(([name]) => name)
  }
}
