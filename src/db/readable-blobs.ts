import { isDamagedRow } from './errors.ts'
import type { Pool } from './pool.ts'
import { listOldSmallBlobs, type SmallBlobPage } from './small-blobs.ts'
import { inTransaction } from './transaction.ts'

/** Blobs in the order of their digests: at most `limit` of them, after `from` and before `before`. */
export interface BlobsBetween {
  readonly olderThanMs: number
  readonly from: string
  readonly limit: number
  /** To the end where left out. */
  readonly before?: string
}

/**
 * A page of old blobs, read in the order of an index: of a table with a damaged page no other row is touched than those
 * that are asked for, where a small table would be read whole. Null where it meets a row that cannot be read.
 * @throws GatewayError `database-unavailable`
 */
export const listReadableBlobs = (
  pool: Pool,
  { olderThanMs, from, limit, before }: BlobsBetween,
): Promise<SmallBlobPage | null> =>
  inTransaction(pool, async (db) => {
    await db.query(
      'set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off',
    )
    return await listOldSmallBlobs(db, olderThanMs, from, limit, before)
  }).catch((error: unknown) => {
    if (isDamagedRow(error)) return null
    throw error
  })
