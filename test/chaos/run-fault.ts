import type { Teardown } from '../support/temporary-folder.ts'
import type { Extent, Fault, Outcome } from './fault.ts'
import { openWorld } from './open-world.ts'
import { isSound } from './oracle-report.ts'

export interface RunOptions extends Extent {
  readonly seed: number
  readonly queue: 'redis' | 'postgres'
  readonly tell: (line: string) => void
}

/** Runs one fault in a world of its own. */
export async function runFault(t: Teardown, fault: Fault, options: RunOptions): Promise<Outcome> {
  const world = await openWorld(t, { ...fault.needs, ...options })
  return fault.run(world, options)
}

/** Whether every bar was met and the oracle found nothing. */
export const isMet = ({ measures, oracle }: Outcome): boolean =>
  measures.every(({ met }) => met) && isSound(oracle)
