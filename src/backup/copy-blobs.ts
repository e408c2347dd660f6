import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { blobFolder, blobPath, hasCode, makeDurableFolder, syncPath } from '../blobs/files.ts'
import type { Sha256 } from '../domain/identifiers.ts'

/** Copied side by side: most of the time goes to waiting for the disk. */
const AT_ONCE = 8

export interface CopiedBlobs {
  readonly copied: number
  readonly bytes: number
  /** There already: an earlier backup brought them. */
  readonly present: number
  /** Not to be read, or not what their name says. */
  readonly missing: readonly Sha256[]
}

/**
 * Copies blobs into a folder that is laid out as a blob store is. Each is hashed as it is read, and gets its name only
 * when it is whole, right and on disk; what is there under its name is not copied again. A link would be no copy: one
 * damaged sector would be the end of both.
 * @throws Error of the file system where the folder cannot be written
 */
export async function copyBlobs(
  blobs: AsyncIterable<readonly Sha256[]>,
  read: (blob: Sha256) => Readable,
  root: string,
): Promise<CopiedBlobs> {
  const incoming = join(root, 'incoming')
  await makeDurableFolder(root)
  await mkdir(incoming, { recursive: true, mode: 0o700 })
  const folders = new Set<string>()
  const missing: Sha256[] = []
  let [copied, bytes, present] = [0, 0, 0]
  const copyOne = async (blob: Sha256) => {
    const outcome = await copyBlob(blob, read, root, join(incoming, randomUUID()))
    if (outcome === 'present') present += 1
    else if (outcome === 'missing') missing.push(blob)
    else {
      copied += 1
      bytes += outcome
      folders.add(blobFolder(root, blob))
    }
  }
  for await (const batch of blobs) await eachOf(batch, copyOne)
  await syncFolders(folders, root)
  await rm(incoming, { recursive: true, force: true })
  return { copied, bytes, present, missing: missing.sort() }
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** Answers the number of bytes that were copied. */
async function copyBlob(
  blob: Sha256,
  read: (blob: Sha256) => Readable,
  root: string,
  temporary: string,
): Promise<number | 'present' | 'missing'> {
  const path = blobPath(root, blob)
  if (await isFile(path)) return 'present'
  const file = await open(temporary, 'wx', 0o640)
  const hash = createHash('sha256')
  let bytes = 0
  try {
    const source = read(blob)
    const failed = await readInto(source, async (chunk) => {
      hash.update(chunk)
      bytes += chunk.length
      await file.writeFile(chunk)
    })
    if (failed || hash.digest('hex') !== blob) {
      await rm(temporary)
      return 'missing'
    }
    await file.sync()
  } finally {
    await file.close()
  }
  await mkdir(dirname(path), { recursive: true })
  await rename(temporary, path)
  return bytes
}

/** Whether the source could not be read to its end; what fails in writing is thrown. */
async function readInto(source: Readable, write: (chunk: Buffer) => Promise<void>): Promise<boolean> {
  let writeError: unknown
  try {
    for await (const chunk of source) {
      try {
        await write(chunk as Buffer)
      } catch (error) {
        writeError = error
        throw error
      }
    }
    return false
  } catch {
    if (writeError !== undefined) throw writeError
    return true
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    (error: unknown) => {
      if (hasCode(error, 'ENOENT')) return false
      throw error
    },
  )

/** Entries of new files, then those of the folders on the way to them. */
async function syncFolders(folders: ReadonlySet<string>, root: string): Promise<void> {
  const parents = new Set([...folders].map(dirname))
  for (const level of [folders, parents]) await eachOf([...level], syncPath)
  await syncPath(root)
}
