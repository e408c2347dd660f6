import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { syncPath } from '../blobs/files.ts'

const run = promisify(execFile)
const AT_ONCE = 8

/**
 * Brings files and folders to the disk that were written in one file system. `sync -f` (syncfs(2), which tells of failed
 * writes since Linux 5.8) is one commit of its journal for all of them; fsync would be one for each, and would keep a
 * database on the same disk waiting. Where there is no such command, each is synced by itself.
 * @param folder any of that file system
 */
export async function bringToDisk(paths: readonly string[], folder: string): Promise<void> {
  if (paths.length === 0 || (await syncFileSystem(folder))) return
  const rest = paths.values()
  const worker = async () => {
    for (const path of rest) await syncPath(path)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** False where it cannot be had, or failed: then each file tells what is wrong. */
const syncFileSystem = (folder: string): Promise<boolean> =>
  run('sync', ['-f', folder]).then(
    () => process.platform === 'linux',
    () => false,
  )
