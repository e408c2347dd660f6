import { createHash, randomUUID } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { access, type FileHandle, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Sha256, sha256 } from '../domain/identifiers.ts'
import { storageError, storing } from './storage-error.ts'
import type { BlobStage, BlobStore, ByteRange, StagedBlob } from './store.ts'

/** `<root>/ab/cd/abcd…`: two levels keep every folder small at tens of millions of blobs. */
const blobFolder = (root: string, blob: Sha256): string => join(root, blob.slice(0, 2), blob.slice(2, 4))
const blobPath = (root: string, blob: Sha256): string => join(blobFolder(root, blob), blob)

/** A blob store in a folder of the local file system. `incoming/` holds what is not yet committed. */
export function directoryBlobStore(root: string): BlobStore {
  const durableFolders = new Set<string>()
  return {
    async stage() {
      const folder = join(root, 'incoming', randomUUID())
      await storing(mkdir(folder, { recursive: true }))
      return new DirectoryStage(root, folder, durableFolders)
    },
    length: (blob) =>
      stat(blobPath(root, blob)).then(
        (found) => found.size,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return undefined
          throw storageError(error)
        },
      ),
    read: (blob, range) => readFile(blobPath(root, blob), range),
    sweep: (olderThanMs) => storing(sweepStages(join(root, 'incoming'), olderThanMs)),
    probe: () => storing(mkdir(root, { recursive: true }).then(() => access(root, constants.W_OK))),
  }
}

/** Stages are left behind by processes that were killed. A stage that is still being filled is younger than that. */
async function sweepStages(incoming: string, olderThanMs: number): Promise<number> {
  const names = await readdir(incoming).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  let swept = 0
  for (const name of names) {
    const folder = join(incoming, name)
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (Date.now() - mtimeMs <= olderThanMs) continue
    await rm(folder, { recursive: true, force: true })
    swept += 1
  }
  return swept
}

class DirectoryStage implements BlobStage {
  readonly #root: string
  readonly #folder: string
  readonly #durableFolders: Set<string>
  readonly #staged = new Set<Sha256>()

  constructor(root: string, folder: string, durableFolders: Set<string>) {
    this.#root = root
    this.#folder = folder
    this.#durableFolders = durableFolders
  }

  async write(content: AsyncIterable<Uint8Array>): Promise<StagedBlob> {
    const temporary = join(this.#folder, randomUUID())
    const file = await storing(open(temporary, 'wx', 0o640))
    try {
      const staged = await pour(content, file)
      await storing(linkOnce(temporary, join(this.#folder, staged.sha256)))
      this.#staged.add(staged.sha256)
      return staged
    } finally {
      await file.close()
      await rm(temporary, { force: true })
    }
  }

  read(blob: Sha256, range?: ByteRange) {
    return readFile(join(this.#folder, blob), range)
  }

  async commit(): Promise<void> {
    for (const blob of this.#staged) await storing(this.#settle(blob))
  }

  async discard(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
    this.#staged.clear()
  }

  /** The name appears only once the bytes are on disk, and the folder entry is on disk before we go on. */
  async #settle(blob: Sha256): Promise<void> {
    const folder = blobFolder(this.#root, blob)
    await mkdir(folder, { recursive: true })
    await syncPath(join(this.#folder, blob))
    await linkOnce(join(this.#folder, blob), blobPath(this.#root, blob))
    await syncPath(folder)
    await this.#syncParents(folder, blob)
  }

  /** Once per folder and process: another process may have made it, and not have come to this yet. */
  async #syncParents(folder: string, blob: Sha256): Promise<void> {
    if (this.#durableFolders.has(folder)) return
    await syncPath(join(this.#root, blob.slice(0, 2)))
    await syncPath(this.#root)
    this.#durableFolders.add(folder)
  }
}

/** What has this name already has the same bytes: the name is their SHA-256. */
const linkOnce = (from: string, to: string): Promise<void> =>
  link(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })

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

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function readFile(path: string, range?: ByteRange): Readable {
  if (range === undefined) return createReadStream(path)
  if (range.end <= range.start) return Readable.from([])
  return createReadStream(path, { start: range.start, end: range.end - 1 })
}
