import type { Teardown } from '../support/temporary-folder.ts'
import { describeWorld } from './describe-world.ts'
import type { Extent, Fault, Outcome } from './fault.ts'
import { openWorld } from './open-world.ts'
import { isSound } from './oracle-report.ts'
import { pause } from './system.ts'

export interface RunOptions extends Extent {
  readonly seed: number
  readonly queue: 'redis' | 'postgres'
  readonly tell: (line: string) => void
  /** Breaks the trial off. */
  readonly interrupted?: AbortSignal
}

/** Runs one fault in a world of its own. @throws Error where it does not come to its end, telling how everything stands */
export async function runFault(t: Teardown, fault: Fault, options: RunOptions): Promise<Outcome> {
  const world = await openWorld(t, { ...fault.needs, ...options })
  const finished = new AbortController()
  try {
    return await Promise.race([
      fault.run(world, options),
      breakOff(fault.limitSeconds(options), finished.signal, options.interrupted),
    ])
  } catch (error) {
    options.interrupted?.throwIfAborted()
    const why = error instanceof Error ? error.message : String(error)
    const lines = [`${fault.id}, seed ${options.seed}: ${why}`, ...(await describeWorld(world))]
    throw new Error(lines.join('\n  '), { cause: error })
  } finally {
    finished.abort()
  }
}

async function breakOff(
  seconds: number,
  finished: AbortSignal,
  interrupted: AbortSignal = finished,
): Promise<never> {
  await pause(seconds * 1_000, AbortSignal.any([interrupted, finished]))
  interrupted.throwIfAborted()
  throw new Error(`not at its end after ${seconds} s`)
}

/** Whether every bar was met, the oracle found nothing, and nothing waits any more or was given up. */
export const isMet = ({ measures, oracle }: Outcome): boolean =>
  measures.every(({ met }) => met) &&
  isSound(oracle) &&
  oracle.counts.waiting === 0 &&
  oracle.counts.failed === 0

/** Whether this machine has what it takes to try all of it. */
export const isTested = ({ measures }: Pick<Outcome, 'measures'>): boolean =>
  measures.every(({ tested }) => tested !== false)
