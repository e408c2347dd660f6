import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { blobFolder, blobPath, makeDurableFolder } from '../blobs/files.ts'
import { isNamedBy } from '../blobs/verified-read.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { bringToDisk } from './bring-to-disk.ts'
import { digestOf } from './digest-of.ts'
import { withIncoming } from './incoming.ts'

const CHUNK = 1024 * 1024

export interface CopiedBlobs {
  readonly copied: number
  readonly bytes: number
  /** There already: an earlier backup brought them. */
  readonly present: number
  /** There already with other bytes than their name says, or not to be read there, and now copied anew. */
  readonly replaced: readonly Sha256[]
  /** Not to be read, or not what their name says. */
  readonly missing: readonly Sha256[]
}

/** Where blobs are copied from. */
export interface BlobSource {
  /** Laid out as a blob store is. */
  readonly folder: string
  /** Asked first; undefined, or other bytes, where the blob can only be in the folder. */
  readonly findSmall: (blob: Sha256) => Promise<Uint8Array | undefined>
}

/** What the copies of one call share. */
interface Copying {
  readonly from: string
  /** Laid out as a blob store is. */
  readonly to: string
  readonly incoming: string
  /** Folders that got an entry. */
  readonly folders: Set<string>
  readonly buffer: Buffer
}

/** Whether a blob that is there already is read again. */
export type IsDue = (blob: Sha256) => boolean

/**
 * Copies blobs into a folder that is laid out as a blob store is, wherever they lie: each becomes a file. Each is hashed
 * as it is read, and gets its name only when it is whole, right and on disk; what is there under its name is not copied
 * again, unless it is due to be read and found damaged. A link would be no copy: one damaged sector would be the end of
 * both.
 * @throws Error of the file system where the folder cannot be written
 */
export async function copyBlobs(
  blobs: AsyncIterable<readonly Sha256[]>,
  source: BlobSource,
  to: string,
  isDue: IsDue = () => false,
): Promise<CopiedBlobs> {
  await makeDurableFolder(to)
  return withIncoming(to, (incoming) => copyAll(blobs, source, to, incoming, isDue))
}

async function copyAll(
  blobs: AsyncIterable<readonly Sha256[]>,
  { folder: from, findSmall }: BlobSource,
  to: string,
  incoming: string,
  isDue: IsDue,
): Promise<CopiedBlobs> {
  const copying: Copying = { from, to, incoming, folders: new Set(), buffer: Buffer.allocUnsafe(CHUNK) }
  const missing: Sha256[] = []
  const replaced: Sha256[] = []
  let [copied, bytes, present] = [0, 0, 0]
  for await (const batch of blobs) {
    const written: Sha256[] = []
    const { wanted, damaged } = wantedOf(batch, to, isDue)
    present += batch.length - wanted.length
    for await (const [blob, small] of smallOnes(wanted, findSmall)) {
      const outcome = copyBlob(blob, small, copying)
      if (outcome === 'missing') missing.push(blob)
      else {
        written.push(blob)
        bytes += outcome
      }
    }
    copied += written.length
    replaced.push(...written.filter((blob) => damaged.has(blob)))
    await nameAll(written, copying)
  }
  const entries = [...copying.folders]
  await bringToDisk([...entries, ...new Set(entries.map(dirname)), to], to)
  return { copied, bytes, present, replaced: replaced.sort(), missing: missing.sort() }
}

/** What of these blobs is to be copied, and what of it is there, but damaged. */
function wantedOf(batch: readonly Sha256[], to: string, isDue: IsDue) {
  const isThere = (blob: Sha256) => existsSync(blobPath(to, blob))
  const isSound = (blob: Sha256) => orNull(() => digestOf(blobPath(to, blob)).sha256) === blob
  const damaged = new Set(batch.filter((blob) => isDue(blob) && isThere(blob) && !isSound(blob)))
  return { wanted: batch.filter((blob) => damaged.has(blob) || !isThere(blob)), damaged }
}

/** Blobs that are in memory together: 8 MiB of them at most. */
const READ_AHEAD = 256

/** The blobs in their order, with the bytes of those that are found and right. */
async function* smallOnes(
  blobs: readonly Sha256[],
  findSmall: BlobSource['findSmall'],
): AsyncGenerator<readonly [Sha256, Uint8Array | undefined]> {
  for (let at = 0; at < blobs.length; at += READ_AHEAD) {
    const part = blobs.slice(at, at + READ_AHEAD)
    const found = await Promise.all(part.map(findSmall))
    for (const [index, blob] of part.entries()) {
      const bytes = found[index]
      yield [blob, bytes !== undefined && isNamedBy(bytes, blob) ? bytes : undefined]
    }
  }
}

/**
 * Answers the number of bytes that were copied, under a name that is none. Nobody else waits for this process: calls
 * that block cost a third of those that do not, and most blobs are small.
 */
function copyBlob(blob: Sha256, small: Uint8Array | undefined, copying: Copying): number | 'missing' {
  const temporary = join(copying.incoming, blob)
  const target = openSync(temporary, 'wx', 0o640)
  try {
    const bytes = small === undefined ? pour(blob, copying, target) : writeAll(target, small)
    if (bytes === null) rmSync(temporary)
    return bytes ?? 'missing'
  } finally {
    closeSync(target)
  }
}

/** Gives blobs their names, once they are on disk. */
async function nameAll(blobs: readonly Sha256[], { incoming, to, folders }: Copying): Promise<void> {
  const temporary = (blob: Sha256) => join(incoming, blob)
  await bringToDisk(blobs.map(temporary), incoming)
  for (const blob of blobs) {
    const folder = blobFolder(to, blob)
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true })
    folders.add(folder)
    renameSync(temporary(blob), blobPath(to, blob))
  }
}

/** Writes the bytes of a blob; null where it cannot be read or is another. What fails in writing is thrown. */
function pour(blob: Sha256, { from, buffer }: Copying, target: number): number | null {
  const source = orNull(() => openSync(blobPath(from, blob), 'r'))
  if (source === null) return null
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for (;;) {
      const read = orNull(() => readSync(source, buffer, 0, CHUNK, null))
      if (read === null) return null
      if (read === 0) break
      const chunk = buffer.subarray(0, read)
      hash.update(chunk)
      bytes += writeAll(target, chunk)
      if (read < CHUNK) break
    }
  } finally {
    closeSync(source)
  }
  return hash.digest('hex') === blob ? bytes : null
}

function writeAll(target: number, bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; ) at += writeSync(target, bytes, at)
  return bytes.length
}

function orNull<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}
