import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDurableFolder, syncPath } from '../blobs/files.ts'
import { smallBlobReader, UnreadableRow } from '../blobs/small-reader.ts'
import type { Pool } from '../db/pool.ts'
import { type Snapshot, withSnapshot } from '../db/snapshot.ts'
import type { AbsentSecret, BackupManifest, BackupTable } from '../domain/backup-manifest.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import type { Signer } from '../signature/keys/signer.ts'
import { signBackup } from '../signature/receipt-jws.ts'
import { type BlobSource, type CopiedBlobs, copyBlobs } from './copy-blobs.ts'
import { writeCompressed, writeDurably } from './durable-file.ts'
import { BLOB_LIST, backupName, blobsOf, MANIFEST, partialOf, SEAL, tableFile } from './layout.ts'
import { readBlobList } from './read-blob-list.ts'
import { shareOfNight } from './share-of-night.ts'

export interface BackupDependencies {
  readonly databaseUrl: string
  readonly pool: Pool
  /** Folder of the blob store. */
  readonly blobs: string
  /** The key to sign with at a time. */
  readonly keyAt: (time: Date) => Signer
  readonly absent: readonly AbsentSecret[]
  /** Reads every blob again that earlier backups brought, and not only the share of the night. */
  readonly verifyAll: boolean
}

export interface TakenBackup {
  readonly manifest: BackupManifest
  readonly manifestSha256: Sha256
  /** Where it lies. */
  readonly path: string
  readonly blobs: CopiedBlobs
}

type SnapshotPart = Pick<
  BackupManifest,
  'takenAt' | 'postgresql' | 'migrations' | 'tables' | 'sequences' | 'heads'
> & { readonly blobs: Pick<BackupManifest['blobs'], 'path' | 'sha256' | 'bytes' | 'count'> }

/**
 * Writes one backup into a folder of backups, from one snapshot of the database and the blobs that this snapshot names.
 * The snapshot is held only while rows are read; a blob that something names is never removed. Until everything is on
 * disk the backup has a name that is none.
 * @throws GatewayError `database-unavailable`, `seal-key-unavailable`; Error of the file system
 */
export async function takeBackup(
  { databaseUrl, pool, blobs, keyAt, absent, verifyAll }: BackupDependencies,
  folder: string,
): Promise<TakenBackup> {
  await makeDurableFolder(folder)
  const writing = await withSnapshot(databaseUrl, async (snapshot) => {
    const name = backupName(snapshot.takenAt)
    const partial = partialOf(folder, name)
    await mkdir(join(partial, 'database'), { recursive: true, mode: 0o700 })
    const findSmall = snapshot.keepsSmallBlobs ? soundRows(pool) : async () => undefined
    return { name, partial, findSmall, part: await writeSnapshot(snapshot, partial) }
  })
  const { name, partial, findSmall, part } = writing
  const source = { folder: blobs, findSmall }
  const isDue = verifyAll ? () => true : shareOfNight(new Date(part.takenAt))
  const list = readBlobList(join(partial, BLOB_LIST))
  const copied = await copyBlobs(list, source, blobsOf(folder), isDue)
  const manifest: BackupManifest = {
    format: 1,
    name,
    ...part,
    blobs: { ...part.blobs, missing: copied.missing },
    absent,
  }
  const { sha256: manifestSha256 } = await writeDurably(join(partial, MANIFEST), [
    Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
  ])
  const seal = { event: 'BackupTaken', name, takenAt: part.takenAt, manifestSha256 } as const
  const signed = await signBackup(seal, keyAt(new Date(part.takenAt)))
  await writeDurably(join(partial, SEAL), [Buffer.from(signed)])
  const path = join(folder, name)
  for (const entries of [join(partial, 'database'), partial]) await syncPath(entries)
  await rename(partial, path)
  await syncPath(folder)
  return { manifest, manifestSha256, path, blobs: copied }
}

/** A row that cannot be read is as good as none. */
function soundRows(pool: Pool): BlobSource['findSmall'] {
  const read = smallBlobReader(pool)
  return async (blob) => {
    const found = await read(blob)
    return found instanceof UnreadableRow ? undefined : found
  }
}

async function writeSnapshot(snapshot: Snapshot, partial: string): Promise<SnapshotPart> {
  const { takenAt, postgresql, migrations, sequences, heads } = snapshot
  const tables: BackupTable[] = []
  for (const table of snapshot.tables) {
    const path = tableFile(table.name)
    const rows = snapshot.copyOut(table)
    const written = await writeCompressed(join(partial, path), rows)
    tables.push({ ...table, path, ...written, rows: rows.rowCount })
  }
  let count = 0
  async function* lines() {
    for await (const batch of snapshot.namedBlobs()) {
      count += batch.length
      yield Buffer.from(`${batch.join('\n')}\n`)
    }
  }
  const list = await writeCompressed(join(partial, BLOB_LIST), lines())
  const blobs = { path: BLOB_LIST, ...list, count }
  return { takenAt: takenAt.toISOString(), postgresql, migrations, sequences, heads, tables, blobs }
}
