import { isDamagedRow } from '../db/errors.ts'
import type { Pool } from '../db/pool.ts'
import { deleteOldSmallBlob } from '../db/small-blobs.ts'
import { inStatement } from '../db/transaction.ts'
import { isSha256, type Sha256 } from '../domain/identifiers.ts'
import { listOldRows } from './old-rows.ts'
import type { OldBlobs, ReportIncident } from './store.ts'

/** Old files of a store from the folder of `from` on, until about `limit` were looked at or the folder of `until` begins. */
type ListOldFiles = (
  olderThanMs: number,
  from: string,
  limit: number,
  until: string | null,
) => Promise<OldBlobs>

const FOLDER = 4

interface BothHomes {
  readonly pool: Pool
  readonly listOldFiles: ListOldFiles
  readonly report: ReportIncident
}

/**
 * Old blobs of both homes in the order of their digests. A page ends where either has shown as many as are asked for;
 * `next` is the digest of the last row, or the first four digits of the next folder. Rows that cannot be read are passed over,
 * and reported.
 */
export async function listOldInBoth(
  { pool, listOldFiles, report }: BothHomes,
  olderThanMs: number,
  from: string,
  limit: number,
): Promise<OldBlobs> {
  const rows = await listOldRows(pool, olderThanMs, from, limit, report)
  const files = await listOldFiles(
    olderThanMs,
    from.slice(0, FOLDER),
    limit,
    rows.last?.slice(0, FOLDER) ?? null,
  )
  const next = files.next ?? rows.last
  const old = next === null || isSha256(next) ? rows.old : rows.old.filter((blob) => blob < next)
  return { blobs: [...new Set([...old, ...files.blobs])], next }
}

/** A row that is damaged cannot be removed, and may not keep others from it. */
function isLeft(error: unknown): false {
  if (isDamagedRow(error)) return false
  throw error
}

/** Removes what is old of a blob, in either home. Returns whether it did. */
export async function removeOldInBoth(
  pool: Pool,
  removeOldFile: (blob: Sha256, olderThanMs: number) => Promise<boolean>,
  blob: Sha256,
  olderThanMs: number,
): Promise<boolean> {
  const row = await inStatement(pool, (db) => deleteOldSmallBlob(db, blob, olderThanMs)).catch(isLeft)
  const file = await removeOldFile(blob, olderThanMs)
  return row || file
}
