import { loadConfig } from '../config.ts'
import { openBlobs } from '../context/open-blobs.ts'
import { openStamping } from '../context/trust-services.ts'
import { createLog } from '../context.ts'
import type { Pool } from '../db/pool.ts'
import { currentSeal } from '../db/seal-levels.ts'
import { type DocumentKey, documentKey } from '../domain/identifiers.ts'
import { renewSeals } from '../stamping/renew-seals.ts'
import { count, readArguments, uuid } from './arguments.ts'
import { UsageError } from './usage-error.ts'
import { operator, withDatabase } from './with-database.ts'

const OPTIONS = {
  'older-than': { type: 'string', default: '365' },
  document: { type: 'string' },
  limit: { type: 'string', default: '1000' },
} as const

/**
 * `tram seal renew`: archive timestamps (XAdES B-LTA) on seals whose newest timestamp is older than so many days. Done
 * again it goes on where it ended; the exit code is 1 where a seal could not be renewed.
 */
export async function sealRenew(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], OPTIONS)
  const olderThanDays = values['older-than'] === '0' ? 0 : count('older-than', values['older-than'])
  const limit = count('limit', values.limit)
  const document = values.document === undefined ? undefined : documentKey(uuid(values.document))
  const config = loadConfig('worker')
  if (config.stamping.urls.length === 0) throw new UsageError('TRAM_TSA_URL names no authority')
  let failures = 0
  const ended = await withDatabase(async (pool) => {
    const blobs = openBlobs(config, pool)
    const base = { pool, blobs, log: createLog(config) }
    const stamping = await openStamping(config, base, operator().clientId)
    if (stamping === null) return
    try {
      let renewed = 0
      const scope = { olderThanDays, limit, ...(document !== undefined && { document }) }
      await renewSeals(stamping.dependencies, scope, ({ document: key, failure }) => {
        if (failure === undefined) renewed++
        else failures++
        if (failure !== undefined) console.error(`${key}: ${failure}`)
      })
      console.log(`đã gia hạn/renewed: ${renewed}, lỗi/failed: ${failures}`)
      if (document === undefined || renewed + failures > 0) return
      failures++
      console.error(`${document}: ${await whyNothing(pool, document)}`)
    } finally {
      await stamping.close()
    }
  })
  return failures > 0 ? 1 : ended
}

/** Whoever names one document waits for its archive timestamp, and must not take silence for one. */
async function whyNothing(pool: Pool, document: DocumentKey): Promise<string> {
  const seal = await currentSeal(pool, document)
  if (seal === undefined) return 'không có văn bản này / there is no such document'
  if (seal.genTime === null) return 'niêm phong chưa có dấu thời gian / the seal has no timestamp yet'
  const newest = seal.genTime.toISOString()
  return `dấu thời gian mới nhất là ${newest}; xem --older-than / the newest timestamp is of ${newest}: see --older-than`
}
