import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

const CHUNK = 1024 * 1024
const buffer = Buffer.allocUnsafe(CHUNK)

/**
 * The SHA-256 of a file, in lower-case hex, and its length. Blocks, as copying does: nobody else waits for this process.
 * @throws Error of the file system
 */
export function digestOf(path: string): { readonly sha256: string; readonly bytes: number } {
  const file = openSync(path, 'r')
  try {
    const hash = createHash('sha256')
    for (let bytes = 0; ; ) {
      const read = readSync(file, buffer, 0, CHUNK, null)
      hash.update(buffer.subarray(0, read))
      bytes += read
      if (read < CHUNK) return { sha256: hash.digest('hex'), bytes }
    }
  } finally {
    closeSync(file)
  }
}
