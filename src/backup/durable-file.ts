import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Sha256, sha256 } from '../domain/identifiers.ts'

export interface WrittenFile {
  readonly sha256: Sha256
  readonly bytes: number
}

/**
 * Writes a new file that only its owner reads, hashing what goes to the disk; it is on disk when this returns.
 * @throws Error EEXIST where there is one of this name
 */
export async function writeDurably(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<WrittenFile> {
  const file = await open(path, 'wx', 0o600)
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of content) {
      hash.update(chunk)
      bytes += chunk.length
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: sha256(hash.digest('hex')), bytes }
}

/** The same under gzip (RFC 1952). The fastest level: rows are mostly base64 and JSON, and the gateway is at work. */
export async function writeCompressed(
  path: string,
  content: AsyncIterable<Uint8Array>,
): Promise<WrittenFile> {
  const gzip = createGzip({ level: 1 })
  const [written] = await Promise.all([writeDurably(path, gzip), pipeline(content, gzip)])
  return written
}
