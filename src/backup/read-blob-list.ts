import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { type Sha256, sha256 } from '../domain/identifiers.ts'

const BATCH = 1_000

/**
 * The blobs that a backup needs, in batches: memory stays flat at tens of millions.
 * @throws Error where the file cannot be read, or a line is no SHA-256
 */
export async function* readBlobList(path: string): AsyncGenerator<readonly Sha256[]> {
  const source = createReadStream(path)
  const plain = createGunzip()
  source.once('error', (error) => plain.destroy(error))
  source.pipe(plain)
  let batch: Sha256[] = []
  for await (const line of createInterface({ input: plain, crlfDelay: Number.POSITIVE_INFINITY })) {
    batch.push(sha256(line))
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
