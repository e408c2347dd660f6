import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, link, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { isDamagedRow } from '../db/errors.ts'
import { SMALL_UP_TO, type SmallBlob } from '../db/small-blobs.ts'
import { type Sha256, sha256 } from '../domain/identifiers.ts'
import { hasCode, linkOnce, readFile, syncPath } from './files.ts'
import { HeldBytes } from './held-bytes.ts'
import { placeBlob, type StoreOfStages } from './place-blob.ts'
import { storing } from './storage-error.ts'
import type { BlobStage, ByteRange, StagedBlob } from './store.ts'

/** Blobs of one stage that are made durable at the same time. */
const AT_ONCE = 8

/** Where small blobs go that are not to be files. */
export type KeepSmall = (blobs: readonly SmallBlob[]) => Promise<void>

/** What is small stays in memory until it is committed; the rest lies in a folder of the stage's own. */
export class DirectoryStage implements BlobStage {
  readonly #store: StoreOfStages
  readonly #keepSmall: KeepSmall | null
  readonly #incoming: string
  readonly #folder: string
  readonly #held = new HeldBytes()
  readonly #filed = new Set<Sha256>()
  #hasFolder = false

  /**
   * @param incoming a folder on the same file system as the store's root
   * @param keepSmall makes them durable by itself; null where every blob is a file
   */
  constructor(store: StoreOfStages, incoming: string, keepSmall: KeepSmall | null) {
    this.#store = store
    this.#keepSmall = keepSmall
    this.#incoming = incoming
    this.#folder = join(incoming, randomUUID())
  }

  async write(content: AsyncIterable<Uint8Array>): Promise<StagedBlob> {
    const source = content[Symbol.asyncIterator]()
    const taken = await this.#held.take(source)
    return 'sha256' in taken ? taken : this.#file(continued(taken, source))
  }

  read(blob: Sha256, range?: ByteRange): Readable {
    const bytes = this.bytes(blob)
    if (bytes === undefined) return readFile(this.#path(blob), range)
    return Readable.from([bytes.subarray(range?.start ?? 0, range?.end)])
  }

  bytes(blob: Sha256): Uint8Array | undefined {
    return this.#held.get(blob)
  }

  async commit(): Promise<void> {
    const small = await this.commitFiles()
    if (small.length === 0) return
    await this.#keepSmall?.(small).catch((error: unknown) => {
      if (!isDamagedRow(error)) throw error
      return this.commitAsFiles()
    })
  }

  async commitFiles(): Promise<readonly SmallBlob[]> {
    const small: SmallBlob[] = []
    const long: SmallBlob[] = []
    for (const [blob, bytes] of this.#held.entries()) {
      const isSmall = this.#keepSmall !== null && bytes.length <= SMALL_UP_TO
      ;(isSmall ? small : long).push({ sha256: blob, bytes })
    }
    await this.#settle(long, [...this.#filed])
    return small
  }

  async commitAsFiles(): Promise<void> {
    const all = [...this.#held.entries()].map(([blob, bytes]) => ({ sha256: blob, bytes }))
    await this.#settle(all, [...this.#filed])
  }

  async #settle(held: readonly SmallBlob[], filed: readonly Sha256[]): Promise<void> {
    if (held.length + filed.length === 0) return
    await this.#store.ready()
    const works = [
      ...held.map(
        ({ sha256, bytes }) =>
          () =>
            this.#settleHeld(sha256, bytes),
      ),
      ...filed.map((blob) => () => this.#settleFiled(blob)),
    ]
    const lane = async () => {
      for (let work = works.shift(); work !== undefined; work = works.shift()) await storing(work())
    }
    // Nobody is answered while some of them still go on.
    const ends = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, works.length) }, lane))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  async discard(): Promise<void> {
    if (this.#hasFolder) await this.#remove(this.#folder)
    this.#held.clear()
    this.#filed.clear()
  }

  #path(blob: Sha256): string {
    return join(this.#folder, blob)
  }

  async #file(content: AsyncIterable<Uint8Array>): Promise<StagedBlob> {
    this.#hasFolder = true
    await this.#store.ready()
    await storing(this.#makeFolder(this.#folder))
    const temporary = join(this.#folder, randomUUID())
    const staged = await this.#create(temporary, (file) => pour(content, file))
    await storing(linkOnce(temporary, this.#path(staged.sha256)))
    this.#filed.add(staged.sha256)
    await this.#remove(temporary)
    return staged
  }

  /** The name appears only once the bytes are on disk, and the folder entry is on disk before we go on. */
  async #settleHeld(blob: Sha256, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#incoming, randomUUID())
    const write = async (file: FileHandle) => {
      await writeFully(file, bytes)
      await file.sync()
    }
    await this.#create(temporary, write).catch(async (error: unknown) => {
      if (!hasCode(causeOf(error), 'ENOENT')) throw error
      await this.#makeAnew(this.#incoming)
      return this.#create(temporary, write)
    })
    await this.#place(temporary, blob)
  }

  async #makeFolder(folder: string): Promise<void> {
    await mkdir(folder).catch((error: unknown) => {
      if (hasCode(error, 'EEXIST')) return undefined
      if (hasCode(error, 'ENOENT')) return this.#makeAnew(folder)
      throw error
    })
  }

  /** What comes in has no folder: the store may be new, or have gone since it was last looked at. */
  async #makeAnew(folder: string): Promise<void> {
    await this.#store.tie.look()
    await mkdir(folder, { recursive: true })
  }

  async #settleFiled(blob: Sha256): Promise<void> {
    await syncPath(this.#path(blob))
    const temporary = join(this.#folder, randomUUID())
    await link(this.#path(blob), temporary)
    await this.#place(temporary, blob)
  }

  async #place(temporary: string, blob: Sha256): Promise<void> {
    try {
      await placeBlob(this.#store, temporary, blob)
    } catch (error) {
      await this.#remove(temporary)
      throw error
    }
  }

  /** A new file; removed again where it cannot be filled. */
  async #create<T>(path: string, fill: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await storing(open(path, 'wx', 0o640))
    let filled: T
    try {
      filled = await fill(file)
    } catch (error) {
      await file.close().catch(() => undefined)
      await this.#remove(path)
      throw error
    }
    // Some file systems tell only here that they could not write.
    await storing(file.close())
    return filled
  }

  /** Never throws: what cannot be removed now is swept later, and no answer may depend on it. */
  async #remove(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true }).catch((error: unknown) =>
      this.#store.report({ kind: 'stage-not-removed', detail: path, error }),
    )
  }
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined)

/** What was read of a stream, and then the rest of it, whose source is let go of however this ends. */
async function* continued(
  begun: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* begun
    for (let one = await rest.next(); one.done !== true; one = await rest.next()) yield one.value
  } finally {
    await rest.return?.()
  }
}

async function pour(content: AsyncIterable<Uint8Array>, file: FileHandle): Promise<StagedBlob> {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of content) {
    hash.update(chunk)
    await storing(writeFully(file, chunk))
    length += chunk.length
  }
  return { sha256: sha256(hash.digest('hex')), length }
}

async function writeFully(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0
  while (written < chunk.length) {
    const { bytesWritten } = await file.write(chunk, written)
    written += bytesWritten
  }
}
