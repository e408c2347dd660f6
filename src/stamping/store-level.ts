import { recordEvents } from '../audit/record-events.ts'
import { advanceSeal } from '../db/seal-dues.ts'
import { addSealLevel, type SealRecord } from '../db/seal-levels.ts'
import { inTransaction } from '../db/transaction.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import type { SealLevel, WantedLevel } from '../domain/seal-level.ts'
import type { StampingDependencies } from './dependencies.ts'

export interface NextSeal {
  readonly level: Exclude<SealLevel, 'B-B'>
  readonly xades: Uint8Array
  /** Of the newest timestamp in it. */
  readonly genTime: Date
  /** The worker's next step on this seal; null where there is none. */
  readonly wants: WantedLevel | null
}

/**
 * Keeps a new form of a seal: bytes first, then one transaction with its row, what it wants next, and the event.
 * Returns false where another process had made the same step: its seal stands, this one is swept up later.
 */
export async function storeLevel(
  { pool, blobs, actor }: StampingDependencies,
  document: DocumentKey,
  from: SealRecord,
  { level, xades, genTime, wants }: NextSeal,
): Promise<boolean> {
  const stage = await blobs.stage()
  try {
    const { sha256 } = await stage.write(only(xades))
    await stage.commit()
    return await inTransaction(pool, async (db) => {
      const added = await addSealLevel(db, document, { number: from.number + 1, level, sha256, genTime })
      if (!added) return false
      await advanceSeal(db, document, wants)
      const detail = { level, sha256, genTime: genTime.toISOString() }
      await recordEvents(db, [{ kind: 'seal-extended', actor, document, detail }])
      return true
    })
  } finally {
    await stage.discard()
  }
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
