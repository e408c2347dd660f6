import type { Report } from './oracle-report.ts'
import type { World } from './world.ts'

/** A property that a trial measures beside the invariants of the oracle. */
export interface Measure {
  readonly name: string
  /** What was seen, with its unit: `p95 4.2 s, worst 8.1 s`. */
  readonly seen: string
  /** What it must be, in the same words; null where it is only told. */
  readonly bar: string | null
  readonly met: boolean
  /** False where this machine has not what it takes to try it. */
  readonly tested?: false
}

/** What could not be tried here, with the reason. */
export const notTested = (name: string, why: string): Measure => ({
  name,
  seen: why,
  bar: null,
  met: true,
  tested: false,
})

/** What there may be none of. @param seen its count where left out */
export const noneOf = (name: string, count: number, seen = String(count)): Measure => ({
  name,
  seen,
  bar: '0',
  met: count === 0,
})

/** What a trial answers: what it measured, and what the oracle found afterwards. */
export interface Outcome {
  readonly measures: readonly Measure[]
  readonly oracle: Report
}

/**
 * One kind of fault: what is broken, while documents flow, and what must hold. A trial opens its own traffic on the world
 * that it is given, breaks what it is about, mends it, waits by conditions until everything has come to rest, and lets the
 * oracle compare.
 */
export interface Fault {
  /** As in docs/failure-modes.md. */
  readonly id: `F${number}`
  readonly title: string
  /** Told with the results where it does not take the rate of the command, such as `2 documents/s`. */
  readonly conditions?: string
  /** What the world must be started with. */
  readonly needs: WorldNeeds
  /** Seconds after which a trial that has not come to its end is broken off: all of its phases at their longest. */
  limitSeconds(extent: Extent): number
  run(world: World, extent: Extent): Promise<Outcome>
}

export interface WorldNeeds {
  readonly apis: number
  readonly workers: number
  /** Settings of Tram over those of the trial. */
  readonly variables?: Readonly<Record<string, string>>
  /** Whether a process that ends by itself is started again, as a service manager does; true where left out. */
  readonly supervised?: boolean
  /** Whether systems reach the APIs through a load balancer, which asks for readiness; in turn where left out. */
  readonly balanced?: boolean
  /** False for a trial that runs with the queue in PostgreSQL only; both kinds where left out. */
  readonly redis?: boolean
}

/** How much of a trial: in the checks of every change, or of a release. */
export interface Extent {
  /** Kills of F1. */
  readonly kills: number
  /** Documents offered each second. */
  readonly rate: number
  /** Divides long times and large volumes where the whole would take hours; 1 is the whole. */
  readonly scale: number
}
