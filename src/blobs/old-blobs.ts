import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isSha256, type Sha256, sha256 } from '../domain/identifiers.ts'
import { blobFolder, blobPath, hasCode, linkOnce, syncPath } from './files.ts'
import type { OldBlobs } from './store.ts'

const TWO_HEX = /^[0-9a-f]{2}$/

/** A part of the store; `from` and `until` are the first four digits of folders. */
export interface FolderRange {
  readonly from: string
  readonly until: string | null
  /** Files that are looked at, about. */
  readonly limit: number
}

/** Whole folders, until about `limit` files were looked at or `until` begins; `next` is null then. */
export async function listOldBlobs(
  root: string,
  olderThanMs: number,
  { from, limit, until }: FolderRange,
): Promise<OldBlobs> {
  const old: Sha256[] = []
  let lookedAt = 0
  for await (const digits of foldersFrom(root, from)) {
    if (until !== null && digits >= until) return { blobs: old, next: null }
    if (lookedAt >= limit) return { blobs: old, next: digits }
    const folder = join(root, digits.slice(0, 2), digits.slice(2))
    const names = (await readdir(folder)).filter(isSha256)
    const ages = await Promise.all(names.map((name) => ageOf(join(folder, name))))
    old.push(...names.filter((_, index) => ages[index]! > olderThanMs))
    lookedAt += 1 + names.length
  }
  return { blobs: old, next: null }
}

async function* foldersFrom(root: string, from: string): AsyncGenerator<string> {
  for (const first of await hexFolders(root)) {
    if (first < from.slice(0, 2)) continue
    for (const second of await hexFolders(join(root, first))) {
      if (first + second >= from) yield first + second
    }
  }
}

async function hexFolders(path: string): Promise<string[]> {
  const names = await readdir(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
  return names.filter((name) => TWO_HEX.test(name)).sort()
}

/** Milliseconds since the last write; of what is gone, less than any. */
const ageOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    (error: unknown) => {
      if (hasCode(error, 'ENOENT')) return Number.NEGATIVE_INFINITY
      throw error
    },
  )

const condemned = (root: string): string => join(root, 'condemned')

/**
 * Takes the blob aside before it looks at its age for the last time. Whoever commits the same bytes either did so
 * before, and then the file is young and goes back, or finds the name free and takes it with a file of its own.
 */
export async function removeOldBlob(root: string, blob: Sha256, olderThanMs: number): Promise<boolean> {
  await mkdir(condemned(root), { recursive: true })
  const aside = join(condemned(root), `${blob}.${randomUUID()}`)
  try {
    await rename(blobPath(root, blob), aside)
    if ((await ageOf(aside)) <= olderThanMs) {
      await putBack(root, blob, aside)
      return false
    }
    await rm(aside, { force: true })
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** Puts back what a process took aside and died before it decided. */
export async function putBackCondemned(root: string): Promise<void> {
  const names = await readdir(condemned(root)).catch(() => [])
  for (const name of names) {
    const blob = name.slice(0, 64)
    if (!isSha256(blob)) continue
    await putBack(root, sha256(blob), join(condemned(root), name)).catch((error: unknown) => {
      // The one who took it aside is alive, and was faster.
      if (!hasCode(error, 'ENOENT')) throw error
    })
  }
}

async function putBack(root: string, blob: Sha256, aside: string): Promise<void> {
  await linkOnce(aside, blobPath(root, blob))
  await syncPath(blobFolder(root, blob))
  await rm(aside, { force: true })
}
