import { createReadStream } from 'node:fs'
import { link, mkdir, open } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { Sha256 } from '../domain/identifiers.ts'
import type { ByteRange } from './store.ts'

/** `<root>/ab/cd/abcd…`: two levels keep every folder small at tens of millions of blobs. */
export const blobFolder = (root: string, blob: Sha256): string =>
  join(root, blob.slice(0, 2), blob.slice(2, 4))
export const blobPath = (root: string, blob: Sha256): string => join(blobFolder(root, blob), blob)

export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/** Gives a file a second name. Returns false where the name is taken. */
export const linkOnce = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    (error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error
      return false
    },
  )

/** What is behind this path is on disk when it returns: the bytes of a file, the entries of a folder. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const NOT_OURS = ['EACCES', 'EPERM', 'EROFS', 'EINVAL']

/**
 * Makes the folder, and its entry durable in its parent, and so on for every parent that was missing. The nearest
 * parent is synced in any case: whoever made the folder may have died before it came to that.
 */
export async function makeDurableFolder(path: string): Promise<void> {
  const folder = resolve(path)
  const made = await mkdir(folder, { recursive: true })
  const last = dirname(made ?? folder)
  for (let parent = dirname(folder); ; parent = dirname(parent)) {
    await syncPath(parent).catch((error: unknown) => {
      // A folder that was there, in a parent that we cannot sync, was made by an operator.
      if (made !== undefined || !NOT_OURS.some((code) => hasCode(error, code))) throw error
    })
    if (parent === last || parent === dirname(parent)) return
  }
}

export function readFile(path: string, range?: ByteRange): Readable {
  if (range === undefined) return createReadStream(path)
  if (range.end <= range.start) return Readable.from([])
  return createReadStream(path, { start: range.start, end: range.end - 1 })
}
