import { createHash } from 'node:crypto'
import { type Sha256, sha256 } from '../domain/identifiers.ts'
import type { StagedBlob } from './store.ts'

/** Bytes that a stage keeps in memory, all blobs together: most packets need no file before they are accepted. */
export const HELD_UP_TO = 256 * 1024

/** The small blobs of one stage. */
export class HeldBytes {
  readonly #blobs = new Map<Sha256, Uint8Array>()
  #room = HELD_UP_TO

  /** Takes a stream for as long as there is room. @returns the blob, or what was read so far and must be written out */
  async take(content: AsyncIterator<Uint8Array>): Promise<StagedBlob | readonly Uint8Array[]> {
    const chunks: Uint8Array[] = []
    let length = 0
    try {
      for (let one = await content.next(); one.done !== true; one = await content.next()) {
        // Whoever gives a chunk may use its memory again.
        chunks.push(Uint8Array.from(one.value))
        length += one.value.length
        this.#room -= one.value.length
        if (this.#room < 0) return this.#giveBack(length, chunks)
      }
    } catch (error) {
      this.#giveBack(length, chunks)
      throw error
    }
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    const digest = sha256(createHash('sha256').update(bytes).digest('hex'))
    if (this.#blobs.has(digest)) this.#giveBack(length, chunks)
    this.#blobs.set(digest, bytes)
    return { sha256: digest, length }
  }

  get(blob: Sha256): Uint8Array | undefined {
    return this.#blobs.get(blob)
  }

  entries(): Iterable<readonly [Sha256, Uint8Array]> {
    return this.#blobs
  }

  clear(): void {
    this.#blobs.clear()
    this.#room = HELD_UP_TO
  }

  #giveBack(length: number, chunks: readonly Uint8Array[]): readonly Uint8Array[] {
    this.#room += length
    return chunks
  }
}
