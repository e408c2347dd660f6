import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { recordEvents } from '../audit/record-events.ts'
import { migrate } from '../db/migrate.ts'
import { listMigrations } from '../db/pending-migrations.ts'
import type { Pool } from '../db/pool.ts'
import {
  findRestoration,
  insertRestoration,
  type Restoration,
  type Resumed,
  resumeDeliveries,
} from '../db/restorations.ts'
import { inRestore, listFilledTables, type RestoreTransaction, setSequences } from '../db/restore.ts'
import type { BackupManifest, BackupTable } from '../domain/backup-manifest.ts'
import type { Fault } from '../domain/fault.ts'
import { type Sha256, uuidv7 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { adoptStore } from './adopt-store.ts'
import { backupFault } from './backup-fault.ts'
import { blobTargetFault, fillBlobs, unmark } from './blob-target.ts'
import { checkBackup, checkWithoutBlobs } from './check-backup.ts'
import type { CopiedBlobs } from './copy-blobs.ts'
import { damaged, type OpenBackup } from './open-backup.ts'

export interface RestoreTarget {
  readonly databaseUrl: string
  readonly pool: Pool
  /** Folder of the blob store. */
  readonly blobs: string
  /** Who restores, as it stands on record. */
  readonly actor: string
  /** Goes on without the blobs that are damaged in the backup, as without those that it never had. */
  readonly withoutDamaged: boolean
  /** Puts on record that a blob is not there, once, so that it is named, and mended by the same bytes when they come in. */
  readonly recordMissing: (blob: Sha256) => Promise<void>
}

export interface Restored {
  readonly restoration: Restoration
  readonly rows: number
  /** Those that are missing here are in the backup, and damaged. */
  readonly blobs: CopiedBlobs
  /** Null where the database was restored by an earlier call that did not come to its end. */
  readonly resumed: Resumed | null
}

/**
 * Restores a backup into an empty database and an empty blob store. Everything is verified before anything is written,
 * but for blobs that may be damaged: those are hashed as they are copied;
 * blobs come first, the database in one transaction after them, so that whatever ends it, it may be called again.
 * @throws GatewayError `backup-damaged`, `restore-refused`, `database-unavailable`
 */
export async function restoreBackup(backup: OpenBackup, target: RestoreTarget): Promise<Restored> {
  await (target.withoutDamaged ? checkWithoutBlobs(backup) : checkBackup(backup))
  const earlier = await checkTarget(backup, target)
  const blobs = await fillBlobs(backup, target.blobs)
  // Somebody changed the backup since it was verified.
  if (blobs.missing.length > 0 && !target.withoutDamaged)
    throw damaged(blobs.missing.map((blob) => backupFault('bytes-differ', `blobs/${blob}`)))
  const missing = [...backup.manifest.blobs.missing, ...blobs.missing]
  const filled = earlier ?? (await fillDatabase(backup, target, missing.length))
  // What the releases since brought to the schema.
  await migrate(target.databaseUrl)
  await adoptStore(target)
  for (const blob of missing) await target.recordMissing(blob)
  await unmark(target.blobs)
  const rows = backup.manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  return { ...filled, rows, blobs }
}

type Filled = Pick<Restored, 'restoration' | 'resumed'>

/** Answers what an earlier call did that was cut off after its transaction. */
async function checkTarget(
  { manifest, manifestSha256 }: OpenBackup,
  { databaseUrl, pool, blobs }: RestoreTarget,
): Promise<Filled | null> {
  const faults: Fault[] = []
  const known = await listMigrations()
  const unknown = manifest.migrations.filter((name, index) => known[index] !== name)
  if (unknown.length > 0) faults.push(backupFault('schema-newer', 'migrations', unknown.join(', ')))
  const blobFault = await blobTargetFault(blobs, manifestSha256)
  if (blobFault !== null) faults.push(blobFault)
  if (faults.length > 0) throw new GatewayError('restore-refused', { faults })
  await migrate(databaseUrl, manifest.migrations.length)
  const filled = await listFilledTables(pool)
  if (filled.length === 0) return null
  const restoration = await findRestoration(pool).catch(() => null)
  if (restoration?.manifestSha256 === manifestSha256) return { restoration, resumed: null }
  const fault = backupFault('database-not-empty', 'DATABASE_URL', filled.slice(0, 10).join(', '))
  throw new GatewayError('restore-refused', { faults: [fault] })
}

const fillDatabase = (
  backup: OpenBackup,
  { databaseUrl, actor }: RestoreTarget,
  missingBlobs: number,
): Promise<Filled> =>
  inRestore(databaseUrl, async (restore) => {
    const { manifest, manifestSha256 } = backup
    // Again, now that nobody else can fill it.
    const filled = await listFilledTables(restore.db)
    if (filled.length > 0) {
      const fault = backupFault('database-not-empty', 'DATABASE_URL', filled.slice(0, 10).join(', '))
      throw new GatewayError('restore-refused', { faults: [fault] })
    }
    for (const table of manifest.tables) await fillTable(backup, table, restore)
    await setSequences(restore.db, manifest.sequences)
    const takenAt = new Date(manifest.takenAt)
    const given = { id: uuidv7(), backup: manifest.name, manifestSha256, takenAt, restoredBy: actor }
    const knownUntil = new Date(manifest.heads.document?.acceptedAt ?? takenAt)
    const restoration = await insertRestoration(restore.db, given, knownUntil)
    const resumed = await resumeDeliveries(restore.db)
    const detail = { ...told(manifest, restoration), missingBlobs, ...resumed }
    await recordEvents(restore.db, [{ kind: 'gateway-restored', actor, detail }])
    return { restoration, resumed }
  })

async function fillTable(
  { folder }: OpenBackup,
  table: BackupTable,
  { copyIn }: RestoreTransaction,
): Promise<void> {
  const plain = createGunzip()
  const source = createReadStream(join(folder, table.path))
  source.once('error', (error) => plain.destroy(error))
  const rows = await copyIn(table, source.pipe(plain))
  if (rows !== table.rows)
    throw damaged([backupFault('rows-differ', table.path, `${rows}, not ${table.rows}`)])
}

const told = (manifest: BackupManifest, { id, numberFloor }: Restoration) => ({
  restoration: id,
  backup: manifest.name,
  takenAt: manifest.takenAt,
  numberFloor,
  lastDocument: manifest.heads.document?.key ?? null,
})
