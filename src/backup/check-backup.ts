import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { blobPath, hasCode } from '../blobs/files.ts'
import type { Fault } from '../domain/fault.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { backupFault } from './backup-fault.ts'
import { digestOf } from './digest-of.ts'
import { damaged, type OpenBackup } from './open-backup.ts'
import { readBlobList } from './read-blob-list.ts'

/** Faults that are told: who has more has no backup. */
const MOST_FAULTS = 1_000

export interface CheckedBackup {
  readonly files: number
  readonly bytes: number
  readonly blobs: number
}

/**
 * Reads every byte of a backup against the digests of its manifest.
 * @throws GatewayError `backup-damaged` naming every file that is missing or has other bytes
 */
export async function checkBackup(backup: OpenBackup): Promise<CheckedBackup> {
  const { files, bytes } = checkFiles(backup)
  const { folder, blobsFolder, manifest } = backup
  const missing = new Set(manifest.blobs.missing)
  const blobs = new Findings()
  for await (const batch of readBlobList(join(folder, manifest.blobs.path))) {
    for (const blob of batch)
      if (!missing.has(blob)) blobs.check(blobPath(blobsFolder, blob), `blobs/${blob}`, blob)
    if (blobs.faults.length >= MOST_FAULTS) break
  }
  if (blobs.faults.length > 0) throw damagedBlobs(blobs.faults)
  return { files, bytes: bytes + blobs.bytes, blobs: manifest.blobs.count - missing.size }
}

/**
 * The same of everything but the blobs, for who goes on without those that are damaged.
 * @throws GatewayError `backup-damaged`, also where there is no folder of blobs at all: a disk is not mounted
 */
export async function checkWithoutBlobs(backup: OpenBackup): Promise<void> {
  checkFiles(backup)
  await stat(backup.blobsFolder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) throw damaged([backupFault('file-missing', 'blobs')])
    throw error
  })
}

/** A list of blobs that is not the one that was written names blobs at will: nothing else is looked at then. */
function checkFiles({ folder, manifest }: OpenBackup): Omit<CheckedBackup, 'blobs'> {
  const files = [...manifest.tables, manifest.blobs]
  const found = new Findings()
  for (const { path, sha256 } of files) found.check(join(folder, path), path, sha256)
  if (found.faults.length > 0) throw damaged(found.faults)
  return { files: files.length, bytes: found.bytes }
}

class Findings {
  readonly faults: Fault[] = []
  bytes = 0

  check(path: string, name: string, expected: Sha256): void {
    try {
      const { sha256, bytes } = digestOf(path)
      if (sha256 !== expected) this.faults.push(backupFault('bytes-differ', name))
      else this.bytes += bytes
    } catch (error) {
      this.faults.push(backupFault(hasCode(error, 'ENOENT') ? 'file-missing' : 'bytes-differ', name))
    }
  }
}

/** Another backup would be no help: all of a folder share their blobs. */
const damagedBlobs = (faults: readonly Fault[]): GatewayError =>
  new GatewayError('backup-damaged', {
    faults,
    detail: {
      vi: 'Mọi bản sao lưu trong thư mục dùng chung các tệp này. Trục còn chạy: `tram backup --to FOLDER --verify` chép lại từ kho. Trục đã mất: `tram restore --from FOLDER --without-damaged` khôi phục mọi thứ khác.',
      en: 'Every backup of the folder shares these files. While the gateway is there, `tram backup --to FOLDER --verify` copies them anew from its store; once it is lost, `tram restore --from FOLDER --without-damaged` brings back everything else.',
    },
  })
