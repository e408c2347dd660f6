import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Sha256 } from '../domain/identifiers.ts'
import { blobFolder, syncPath } from './files.ts'

interface UnderWay {
  readonly running: Promise<void>
  /** Begins once `running` has ended: a sync that is under way may have begun before the caller's entry was made. */
  next: Promise<void> | undefined
}

/** Makes entries of folders durable; who asks for the same folder at the same time shares one sync. */
export class FolderSyncs {
  readonly #root: string
  readonly #underWay = new Map<string, UnderWay>()
  /** Folders of blobs whose way from the root is on disk, by this process: another may have died before it came to that. */
  readonly #durable = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  /** The folder of a blob is there when it returns. @returns whether it certainly was not before */
  async make(blob: Sha256): Promise<boolean> {
    const folder = blobFolder(this.#root, blob)
    if (this.#durable.has(folder)) return false
    return (await mkdir(folder, { recursive: true })) !== undefined
  }

  /** Somebody has removed the folder of a blob: it and its way are made anew. */
  forget(blob: Sha256): void {
    for (const folder of this.#way(blob)) this.#durable.delete(folder)
  }

  /** The entry of a blob, and its way from the root, are on disk when it returns. */
  async settle(blob: Sha256): Promise<void> {
    const way = this.#way(blob)
    await this.#sync(way[0])
    for (const folder of way) {
      if (this.#durable.has(folder)) continue
      await this.#sync(dirname(folder))
      this.#durable.add(folder)
    }
  }

  /** The folder of a blob, and the one above it. */
  #way(blob: Sha256): readonly [string, string] {
    return [blobFolder(this.#root, blob), join(this.#root, blob.slice(0, 2))]
  }

  #sync(path: string): Promise<void> {
    const current = this.#underWay.get(path)
    if (current === undefined) return this.#begin(path)
    current.next ??= current.running.then(
      () => this.#begin(path),
      () => this.#begin(path),
    )
    return current.next
  }

  #begin(path: string): Promise<void> {
    const running = syncPath(path)
    const underWay: UnderWay = { running, next: undefined }
    this.#underWay.set(path, underWay)
    const end = () => {
      if (this.#underWay.get(path) === underWay && underWay.next === undefined) this.#underWay.delete(path)
    }
    running.then(end, end)
    return running
  }
}
