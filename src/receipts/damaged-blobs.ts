import { recordEvents } from '../audit/record-events.ts'
import type { BlobStore } from '../blobs/store.ts'
import { type BlobUse, deleteDamage, insertDamage, listUses } from '../db/damaged-blobs.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { AuditEventKind } from '../domain/audit-event.ts'
import type { BlobDamage } from '../domain/blob-damage.ts'
import type { Sha256 } from '../domain/identifiers.ts'

/** A file may be attached to thousands of documents: so many of them get an event of their own. */
const MOST_USES = 1_000

export interface DamageDependencies {
  readonly pool: Pool
  readonly blobs: BlobStore
  /** Who finds it, as it stands on record. */
  readonly actor: string
}

/**
 * Puts damage on record, once: an event for each document that the blob belongs to, naming what of it is damaged.
 * Returns those documents; empty where the damage was known.
 */
export function recordDamage(
  { pool, actor }: Pick<DamageDependencies, 'pool' | 'actor'>,
  blob: Sha256,
  damage: BlobDamage,
): Promise<readonly BlobUse[]> {
  return inTransaction(pool, async (db) => {
    if (!(await insertDamage(db, blob, damage, actor))) return []
    return recordUses(db, actor, 'content-damaged', blob, damage)
  })
}

/** Takes damage off the record, where it stands there: the blob has its bytes again. */
export function recordMended(
  { pool, actor }: Pick<DamageDependencies, 'pool' | 'actor'>,
  blob: Sha256,
): Promise<boolean> {
  return inTransaction(pool, async (db) => {
    const known = await deleteDamage(db, blob)
    if (known === undefined) return false
    await recordUses(db, actor, 'content-mended', blob, known.damage)
    return true
  })
}

async function recordUses(
  db: Transaction,
  actor: string,
  kind: AuditEventKind,
  blob: Sha256,
  damage: BlobDamage,
): Promise<readonly BlobUse[]> {
  const uses = await listUses(db, blob, MOST_USES)
  const events = uses.map(({ document, sender, part, number, name }) => ({
    kind,
    actor,
    agency: sender,
    document,
    detail: { blob, damage, part, ...(number !== null && { number, name }) },
  }))
  await recordEvents(db, events.length > 0 ? events : [{ kind, actor, detail: { blob, damage } }])
  return uses
}
