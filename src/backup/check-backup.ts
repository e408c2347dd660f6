import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { blobPath, hasCode } from '../blobs/files.ts'
import type { Fault } from '../domain/fault.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { type BackupFaultCode, backupFault } from './backup-fault.ts'
import { damaged, type OpenBackup } from './open-backup.ts'
import { readBlobList } from './read-blob-list.ts'

/** Faults that are told: who has more has no backup. */
const MOST_FAULTS = 1_000
const AT_ONCE = 4

export interface CheckedBackup {
  readonly files: number
  readonly bytes: number
  readonly blobs: number
}

/**
 * Reads every byte of a backup against the digests of its manifest.
 * @throws GatewayError `backup-damaged` naming every file that is missing or has other bytes
 */
export async function checkBackup({ folder, blobsFolder, manifest }: OpenBackup): Promise<CheckedBackup> {
  const faults: Fault[] = []
  let bytes = 0
  const check = async (path: string, name: string, expected: Sha256) => {
    const outcome = await digestOf(path)
    if (typeof outcome === 'string') faults.push(backupFault(outcome, name))
    else if (outcome.sha256 !== expected) faults.push(backupFault('bytes-differ', name))
    else bytes += outcome.bytes
  }
  const files = [...manifest.tables, manifest.blobs]
  for (const { path, sha256 } of files) await check(join(folder, path), path, sha256)
  // A list that is not the one that was written names blobs at will.
  if (faults.length > 0) throw damaged(faults)
  const missing = new Set(manifest.blobs.missing)
  for await (const batch of readBlobList(join(folder, manifest.blobs.path))) {
    const rest = batch.values()
    const reader = async () => {
      for (const blob of rest) {
        if (!missing.has(blob)) await check(blobPath(blobsFolder, blob), `blobs/${blob}`, blob)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, reader))
    if (faults.length >= MOST_FAULTS) break
  }
  if (faults.length > 0) throw damaged(faults)
  return { files: files.length, bytes, blobs: manifest.blobs.count - missing.size }
}

async function digestOf(path: string): Promise<{ sha256: string; bytes: number } | BackupFaultCode> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk as Buffer)
      bytes += (chunk as Buffer).length
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'file-missing'
    return 'bytes-differ'
  }
  return { sha256: hash.digest('hex'), bytes }
}
