import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Sha256, sha256 } from '../domain/identifiers.ts'
import { blobFolder, blobPath, hasCode, linkOnce, readFile, syncPath } from './files.ts'
import { storing } from './storage-error.ts'
import type { BlobStage, ByteRange, ReportIncident, StagedBlob } from './store.ts'

/**
 * Bytes. A stored blob up to this length is read to see whether it is damaged; of a longer one only the length is
 * looked at. It is for the operators alone: the blob gets its bytes anew in any case.
 */
const READ_AGAIN_UP_TO = 16 * 1024 * 1024

/** What the stages of one store share. */
export interface StoreOfStages {
  readonly root: string
  /** Folders whose way from the root is on disk. */
  readonly durableFolders: Set<string>
  readonly report: ReportIncident
}

export class DirectoryStage implements BlobStage {
  readonly #store: StoreOfStages
  readonly #folder: string
  readonly #staged = new Set<Sha256>()

  /** @param folder on the same file system as the store's root */
  constructor(store: StoreOfStages, folder: string) {
    this.#store = store
    this.#folder = folder
  }

  async write(content: AsyncIterable<Uint8Array>): Promise<StagedBlob> {
    const temporary = this.#temporary()
    const file = await storing(open(temporary, 'wx', 0o640))
    let staged: StagedBlob
    try {
      staged = await pour(content, file)
    } catch (error) {
      await file.close().catch(() => undefined)
      await this.#remove(temporary)
      throw error
    }
    // Some file systems tell only here that they could not write.
    await storing(file.close())
    await storing(linkOnce(temporary, this.#path(staged.sha256)))
    this.#staged.add(staged.sha256)
    await this.#remove(temporary)
    return staged
  }

  read(blob: Sha256, range?: ByteRange) {
    return readFile(this.#path(blob), range)
  }

  async commit(): Promise<void> {
    for (const blob of this.#staged) await storing(this.#settle(blob))
  }

  async discard(): Promise<void> {
    await this.#remove(this.#folder)
    this.#staged.clear()
  }

  #path(blob: Sha256): string {
    return join(this.#folder, blob)
  }

  #temporary(): string {
    return join(this.#folder, randomUUID())
  }

  /** The name appears only once the bytes are on disk, and the folder entry is on disk before we go on. */
  async #settle(blob: Sha256): Promise<void> {
    const folder = blobFolder(this.#store.root, blob)
    await mkdir(folder, { recursive: true })
    await syncPath(this.#path(blob))
    const isNew = await linkOnce(this.#path(blob), blobPath(this.#store.root, blob))
    if (!isNew) await this.#renew(blob)
    await syncPath(folder)
    await this.#syncParents(folder, blob)
  }

  /**
   * Puts the staged file, whose bytes were just hashed and synced, in the place of the stored one. A rename costs
   * nothing, mends what is damaged, and makes the blob young, so that nobody takes it for one that is not needed.
   */
  async #renew(blob: Sha256): Promise<void> {
    const [staged, stored] = [this.#path(blob), blobPath(this.#store.root, blob)]
    const damage = await findDamage(staged, stored, blob)
    if (damage === 'same file') return
    const temporary = this.#temporary()
    await linkOnce(staged, temporary)
    await rename(temporary, stored)
    if (damage !== null) this.#store.report({ kind: 'damaged-blob-replaced', blob, detail: damage })
  }

  /** Once per folder and process: another process may have made it, and not have come to this yet. */
  async #syncParents(folder: string, blob: Sha256): Promise<void> {
    const { root, durableFolders } = this.#store
    if (durableFolders.has(folder)) return
    await syncPath(join(root, blob.slice(0, 2)))
    await syncPath(root)
    durableFolders.add(folder)
  }

  /** Never throws: what cannot be removed now is swept later, and no answer may depend on it. */
  async #remove(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true }).catch((error: unknown) =>
      this.#store.report({ kind: 'stage-not-removed', detail: path, error }),
    )
  }
}

/** What is wrong with the stored blob, in words for operators; null where nothing is known to be. */
async function findDamage(staged: string, stored: string, blob: Sha256): Promise<string | null> {
  try {
    const [ours, theirs] = await Promise.all([stat(staged, { bigint: true }), stat(stored, { bigint: true })])
    if (ours.ino === theirs.ino && ours.dev === theirs.dev) return 'same file'
    if (ours.size !== theirs.size) return `${theirs.size} bytes instead of ${ours.size}`
    if (ours.size > READ_AGAIN_UP_TO) return null
    const hash = createHash('sha256')
    for await (const chunk of readFile(stored)) hash.update(chunk)
    return hash.digest('hex') === blob ? null : 'other bytes'
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    return `unreadable: ${error instanceof Error ? error.message : String(error)}`
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
