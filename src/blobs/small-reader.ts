import { isDamagedRow } from '../db/errors.ts'
import { gatherOn } from '../db/gather.ts'
import type { Pool } from '../db/pool.ts'
import { findSmallBlobLength, findSmallBlobs } from '../db/small-blobs.ts'
import { inStatement } from '../db/transaction.ts'
import type { Sha256 } from '../domain/identifiers.ts'

/** Blobs that one query reads, 2 MiB of them at most, and queries at a time. */
const TOGETHER = { most: 64, lanes: 2 }

/** What the database holds of a blob: its bytes, whose digest nobody has looked at, nothing, or why they cannot be read. */
export type FoundSmall = Uint8Array | UnreadableRow | undefined

export class UnreadableRow extends Error {}

const findTogether = gatherOn<Sha256, Uint8Array | undefined>(findSmallBlobs, TOGETHER)

/** Reads small blobs; who asks at the same time shares queries. @throws GatewayError, on reading, `database-unavailable` */
export const smallBlobReader =
  (pool: Pool) =>
  (blob: Sha256): Promise<FoundSmall> =>
    inStatement(pool, () => findTogether(pool, blob)).catch(unreadable(blob))

/** The length of a blob's row in bytes; undefined where it has none. @throws GatewayError `database-unavailable` */
export const rowLengthReader =
  (pool: Pool) =>
  (blob: Sha256): Promise<number | UnreadableRow | undefined> =>
    inStatement(pool, (db) => findSmallBlobLength(db, blob)).catch(unreadable(blob))

const unreadable =
  (blob: Sha256) =>
  (error: unknown): UnreadableRow => {
    if (!isDamagedRow(error)) throw error
    return new UnreadableRow(`the row of ${blob} is damaged`, { cause: error })
  }
