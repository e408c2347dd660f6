import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { blobPath, hasCode } from '../blobs/files.ts'
import type { Fault } from '../domain/fault.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { type BackupFaultCode, backupFault } from './backup-fault.ts'
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
export async function checkBackup({ folder, blobsFolder, manifest }: OpenBackup): Promise<CheckedBackup> {
  const faults: Fault[] = []
  let bytes = 0
  const check = (path: string, name: string, expected: Sha256) => {
    const outcome = digestOf(path)
    if (typeof outcome === 'string') faults.push(backupFault(outcome, name))
    else if (outcome.sha256 !== expected) faults.push(backupFault('bytes-differ', name))
    else bytes += outcome.bytes
  }
  const files = [...manifest.tables, manifest.blobs]
  for (const { path, sha256 } of files) check(join(folder, path), path, sha256)
  // A list that is not the one that was written names blobs at will.
  if (faults.length > 0) throw damaged(faults)
  const missing = new Set(manifest.blobs.missing)
  for await (const batch of readBlobList(join(folder, manifest.blobs.path))) {
    for (const blob of batch)
      if (!missing.has(blob)) check(blobPath(blobsFolder, blob), `blobs/${blob}`, blob)
    if (faults.length >= MOST_FAULTS) break
  }
  if (faults.length > 0) throw damaged(faults)
  return { files: files.length, bytes, blobs: manifest.blobs.count - missing.size }
}

const CHUNK = 1024 * 1024
const buffer = Buffer.allocUnsafe(CHUNK)

/** Blocks, as copying does: nobody else waits for this process. */
function digestOf(path: string): { sha256: string; bytes: number } | BackupFaultCode {
  try {
    const file = openSync(path, 'r')
    try {
      return digestOfOpen(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return hasCode(error, 'ENOENT') ? 'file-missing' : 'bytes-differ'
  }
}

function digestOfOpen(file: number): { sha256: string; bytes: number } {
  const hash = createHash('sha256')
  for (let bytes = 0; ; ) {
    const read = readSync(file, buffer, 0, CHUNK, null)
    hash.update(buffer.subarray(0, read))
    bytes += read
    if (read < CHUNK) return { sha256: hash.digest('hex'), bytes }
  }
}
