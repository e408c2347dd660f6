import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import type { World } from '../world.ts'
import { freeze } from './f5-frozen.ts'
import { giveTwice } from './f5-given-twice.ts'
import { killAmidSends } from './f5-take-over.ts'
import { openSilentAgencies } from './silent-agencies.ts'

/** Beside what the trial itself sends. */
const MOST_RATE = 2
const REST_MS = 120_000

async function run(world: World, extent: Extent): Promise<Outcome> {
  const silent = await openSilentAgencies(world)
  try {
    const traffic = world.traffic({ rate: Math.min(extent.rate, MOST_RATE) })
    const measures: Measure[] = [
      ...(await giveTwice(world, silent)),
      ...(await freeze(world, silent, extent)),
      ...(await killAmidSends(world, silent, extent)),
    ]
    await traffic.stop()
    silent.wakeUp()
    await traffic.settled(REST_MS)
    return { measures, oracle: await askOracle(world) }
  } finally {
    await silent.close()
  }
}

export const f5TwoWorkers: Fault = {
  id: 'F5',
  title: 'Two workers on one delivery, a worker stopped amid its sends, workers killed amid their sends',
  conditions: `at most ${MOST_RATE} documents/s beside its own`,
  needs: { apis: 1, workers: 3 },
  limitSeconds: () => 2_400,
  run,
}
