import { recordEvents } from '../audit/record-events.ts'
import { identifyStore } from '../blobs/store-tie.ts'
import { replaceStoreId } from '../db/blob-store-id.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'

export interface Adoption {
  readonly pool: Pool
  /** Folder of the blob store. */
  readonly blobs: string
  /** Who says so, as it stands on record. */
  readonly actor: string
}

/**
 * Makes a folder, as it is, the store of the database from now on, whichever was it before, and puts that on record,
 * unless it was. Answers its id.
 */
export async function adoptStore({ pool, blobs, actor }: Adoption): Promise<string> {
  const after = await identifyStore(blobs)
  await inTransaction(
    pool,
    async (db) => {
      const before = await replaceStoreId(db, after)
      if (before === after) return
      const detail = { folder: blobs, before, after }
      await recordEvents(db, [{ kind: 'blob-store-adopted', actor, detail }])
    },
    { durable: true },
  )
  return after
}
