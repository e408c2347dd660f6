import { findRedis } from '../../../scripts/services/redis.ts'
import { type Measure, notTested } from '../fault.ts'
import type { LoadExtent, LoadTrial } from './crowd.ts'

/** Runs one trial of load. @throws Error where it does not come to its end */
export async function runLoadTrial(trial: LoadTrial, extent: LoadExtent): Promise<readonly Measure[]> {
  if ((await findRedis()) === null) return [notTested('all of it', 'there is no redis-server on PATH')]
  const outOfTime = AbortSignal.timeout(trial.limitSeconds * 1_000)
  const { interrupted = outOfTime } = extent
  try {
    return await trial.run({ ...extent, interrupted: AbortSignal.any([interrupted, outOfTime]) })
  } catch (error) {
    if (!outOfTime.aborted) throw error
    throw new Error(`not at its end after ${trial.limitSeconds} s`, { cause: error })
  }
}
