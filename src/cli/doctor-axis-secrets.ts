import type { Config } from '../config.ts'
import { sampleAxisSecrets } from '../db/axis-secrets.ts'
import type { Pool } from '../db/pool.ts'
import { secretOwner } from '../directory/axis-systems-known.ts'
import { secretBox } from '../sealing/secret-box.ts'
import type { Check } from './finding.ts'

/** Secrets of some systems tell whether TRAM_AXIS_SECRETS is the right one. */
const MOST_TRIED = 50

/** Whether the secrets of systems of the axis interface can be opened: under another secret they prove nothing. */
export const axisSecretCheck = (pool: Pool, { axisSecret }: Pick<Config, 'axisSecret'>): Check => ({
  what: 'bí mật của hệ thống trục/secrets of axis systems',
  async look() {
    const sample = await sampleAxisSecrets(pool, MOST_TRIED)
    if (sample.length === 0) return { outcome: 'ok', detail: 'none is kept' }
    if (axisSecret === null)
      return { outcome: 'failed', detail: 'some are kept, but TRAM_AXIS_SECRETS is not set' }
    const box = secretBox(axisSecret, 'axis-secrets')
    const faults = sample.flatMap(({ id, systemId, sealed }) => {
      try {
        box.open(sealed, secretOwner(systemId, id))
        return []
      } catch (error) {
        return [`${systemId} (${error instanceof Error ? error.message : String(error)})`]
      }
    })
    if (faults.length > 0) return { outcome: 'failed', detail: `cannot be opened: ${faults.join('; ')}` }
    return { outcome: 'ok', detail: `those of ${sample.length} systems opened` }
  },
})
