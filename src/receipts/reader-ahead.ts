import { recordEvents } from '../audit/record-events.ts'
import { believedRead } from '../db/believed-read.ts'
import type { Pool } from '../db/pool.ts'
import { findReaderAhead, findRestoration, raiseSeenNumber } from '../db/restorations.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Caller } from '../domain/caller.ts'
import type { AgencyCode } from '../domain/identifiers.ts'

/** What a reader is told whose cursor stands where the gateway, restored from a backup, knows nothing. */
export interface LostNumbers {
  readonly restoredAt: Date
  readonly backupTakenAt: Date
  /** The last number of this inbox that the gateway knows. What the reader took above it is with the reader alone. */
  readonly knownUpTo: number
}

/** Below which number something may have been left out; 0 where nothing was. A database is restored before it is served. */
const leftOutBelow = believedRead(async (pool) => (await findRestoration(pool))?.numberFloor ?? 0, 3_000)

/**
 * Whether a reader has seen numbers that were given after the backup from which the gateway was restored. How far it
 * came is put on record: so many deliveries were there that are lost here. Null for everybody else.
 */
export async function findLostNumbers(
  pool: Pool,
  caller: Caller,
  agency: AgencyCode,
  after: number,
): Promise<LostNumbers | null> {
  if (after === 0 || after >= (await leftOutBelow(pool))) return null
  const ahead = await findReaderAhead(pool, agency, after)
  if (ahead === undefined) return null
  const { restoration, takenAt, restoredAt, known, seen } = ahead
  if (seen === null || seen < after)
    await inTransaction(pool, async (db) => {
      // Of two readers that come at once the later one may know less.
      if (!(await raiseSeenNumber(db, restoration, agency, after))) return
      const detail = { restoration, known, seen: after }
      await recordEvents(db, [{ kind: 'inbox-reader-ahead', actor: caller.clientId, agency, detail }])
    })
  return { restoredAt, backupTakenAt: takenAt, knownUpTo: known }
}
