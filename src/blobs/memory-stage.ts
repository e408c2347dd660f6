import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Sha256, sha256 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import type { BlobStage } from './store.ts'

/** A stage that keeps its blobs in memory, for tools that check packets and store nothing. */
export function memoryStage(): BlobStage {
  const blobs = new Map<Sha256, Uint8Array>()
  return {
    async write(content) {
      const chunks: Uint8Array[] = []
      const staged = await digest(content, (chunk) => chunks.push(Uint8Array.from(chunk)))
      blobs.set(staged.sha256, Buffer.concat(chunks))
      return staged
    },
    read(blob, range) {
      const bytes = blobs.get(blob)
      if (bytes === undefined) throw new GatewayError('storage-unavailable')
      return Readable.from([bytes.subarray(range?.start ?? 0, range?.end)])
    },
    bytes: (blob) => blobs.get(blob),
    commit: async () => {},
    commitFiles: async () => [],
    commitAsFiles: async () => {},
    discard: async () => blobs.clear(),
  }
}

/** A stage that keeps nothing but what it learnt: SHA-256 and length. */
export function discardingStage(): BlobStage {
  return {
    write: (content) => digest(content, () => {}),
    read() {
      throw new GatewayError('storage-unavailable')
    },
    bytes: () => undefined,
    commit: async () => {},
    commitFiles: async () => [],
    commitAsFiles: async () => {},
    discard: async () => {},
  }
}

async function digest(content: AsyncIterable<Uint8Array>, keep: (chunk: Uint8Array) => void) {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of content) {
    hash.update(chunk)
    keep(chunk)
    length += chunk.length
  }
  return { sha256: sha256(hash.digest('hex')), length }
}
