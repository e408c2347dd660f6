import { isDamagedRow } from '../db/errors.ts'
import type { Pool } from '../db/pool.ts'
import { listReadableBlobs } from '../db/readable-blobs.ts'
import { listOldSmallBlobs } from '../db/small-blobs.ts'
import { inStatement } from '../db/transaction.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import type { ReportIncident } from './store.ts'

/** Folders of the store, by the first four digits of digests. */
const FOLDERS = 0x10000
/** Where a page cannot be read, one of a tenth is tried, down to one row. */
const NARROWER = 10

export interface OldRows {
  readonly old: readonly Sha256[]
  /** The last row of the page, or the first four digits of what comes behind a damaged one; null at the end. */
  readonly last: string | null
}

/**
 * Old rows of blobs after `from`, in the order of their digests: `limit` of them were looked at, or as many as can be read.
 * Where the next one cannot be, the page has none, and ends behind the folder of that one; this is reported. Each damaged
 * row costs some 20 short transactions.
 * @throws GatewayError `database-unavailable`
 */
export async function listOldRows(
  pool: Pool,
  olderThanMs: number,
  from: string,
  limit: number,
  report: ReportIncident,
): Promise<OldRows> {
  let damage: Error
  try {
    return await inStatement(pool, (db) => listOldSmallBlobs(db, olderThanMs, from, limit))
  } catch (error) {
    if (!isDamagedRow(error)) throw error
    damage = error
  }
  let size = limit * NARROWER
  do {
    size = Math.ceil(size / NARROWER)
    const page = await listReadableBlobs(pool, { olderThanMs, from, limit: size })
    if (page !== null) return page
  } while (size > 1)
  const next = await folderBehind(pool, olderThanMs, from)
  const detail = `rows of blobs from ${from} to ${next ?? 'the end'} cannot be listed`
  report({ kind: 'damaged-blob-found', damage: 'unreadable', detail, error: damage })
  return { old: [], last: next }
}

/** The first four digits of what comes behind the folder of the next row, which is damaged: 16 looks for it. */
async function folderBehind(pool: Pool, olderThanMs: number, from: string): Promise<string | null> {
  let [before, behind] = [Number.parseInt(from.slice(0, 4).padEnd(4, '0'), 16), FOLDERS]
  while (behind - before > 1) {
    const middle = Math.floor((before + behind) / 2)
    const found = await listReadableBlobs(pool, { olderThanMs, from, limit: 1, before: digitsOf(middle) })
    if (found === null) behind = middle
    else before = middle
  }
  return behind === FOLDERS ? null : digitsOf(behind)
}

const digitsOf = (folder: number): string => folder.toString(16).padStart(4, '0')
