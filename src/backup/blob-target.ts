import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, makeDurableFolder, syncPath } from '../blobs/files.ts'
import type { Fault } from '../domain/fault.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { backupFault } from './backup-fault.ts'
import { type CopiedBlobs, copyBlobs } from './copy-blobs.ts'
import { writeDurably } from './durable-file.ts'
import type { OpenBackup } from './open-backup.ts'
import { readBlobList } from './read-blob-list.ts'

const TWO_HEX = /^[0-9a-f]{2}$/
/** Says in the blob store which backup is being restored into it, so that the same may go on after a crash. */
const MARK = 'restoring'

/** What forbids to restore into this blob store; null where it is empty, or this very backup was being restored into it. */
export async function blobTargetFault(root: string, manifestSha256: Sha256): Promise<Fault | null> {
  if ((await markOf(root)) === manifestSha256) return null
  const names = await readdir(root).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
  for (const name of names.filter((one) => TWO_HEX.test(one)))
    if ((await readdir(join(root, name))).length > 0) return backupFault('blobs-not-empty', root)
  return null
}

/** Brings every blob of a backup into a blob store, small ones as files, too. What an earlier try brought was whole when it got its name. */
export async function fillBlobs(backup: OpenBackup, root: string): Promise<CopiedBlobs> {
  await makeDurableFolder(root)
  if ((await markOf(root)) !== backup.manifestSha256) {
    await rm(join(root, MARK), { force: true })
    await writeDurably(join(root, MARK), [Buffer.from(backup.manifestSha256)])
    await syncPath(root)
  }
  const known = new Set(backup.manifest.blobs.missing)
  async function* wanted() {
    for await (const batch of readBlobList(join(backup.folder, backup.manifest.blobs.path)))
      yield batch.filter((blob) => !known.has(blob))
  }
  const source = { folder: backup.blobsFolder, findSmall: async () => undefined }
  return copyBlobs(wanted(), source, root)
}

/** The restoration is whole. */
export const unmark = (root: string): Promise<void> => rm(join(root, MARK), { force: true })

const markOf = (root: string): Promise<string | null> =>
  readFile(join(root, MARK), 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  })
