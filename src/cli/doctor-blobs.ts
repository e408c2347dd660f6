import { adoptStore } from '../backup/adopt-store.ts'
import type { Config } from '../config.ts'
import { openBlobs } from '../context/open-blobs.ts'
import type { Pool } from '../db/pool.ts'
import type { Check } from './finding.ts'
import { operator } from './with-database.ts'

/**
 * Whether the folder of blobs is the store that the database knows, and can be written.
 * @param adopts whether it becomes that store first, whichever was it before
 */
export const blobStoreCheck = (
  pool: Pool,
  config: Pick<Config, 'blobs' | 'smallBlobs'>,
  adopts: boolean,
): Check => ({
  what: 'kho tệp/blob store',
  async look() {
    const adopted = adopts ? await adopt(pool, config.blobs) : null
    await openBlobs(config, pool).probe()
    const writable = `${config.blobs} is writable`
    if (adopted === null) return { outcome: 'ok', detail: writable }
    const detail = `${writable}, and from now on the store ${adopted} of this database; \`tram verify-store\` names what is not in it`
    return { outcome: 'ok', detail }
  },
})

const adopt = (pool: Pool, blobs: string): Promise<string> =>
  adoptStore({ pool, blobs, actor: operator().clientId })
