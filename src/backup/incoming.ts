import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A folder in which nothing was made for so long is of a process that was killed: who copies makes files all the time. */
const LEFT_AFTER_MS = 12 * 3_600_000

/**
 * Gives `work` a folder of its own for what has no name yet, on the file system of `root`, and removes it whatever
 * happens. What killed processes left there is removed first; another backup may be at work beside this one.
 */
export async function withIncoming<T>(root: string, work: (folder: string) => Promise<T>): Promise<T> {
  const all = join(root, 'incoming')
  const folder = join(all, randomUUID())
  await mkdir(folder, { recursive: true })
  await removeLeft(all)
  try {
    return await work(folder)
  } finally {
    // Its own failure is none: the next one removes it.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined)
  }
}

async function removeLeft(all: string): Promise<void> {
  for (const name of await readdir(all)) {
    const folder = join(all, name)
    const found = await stat(folder).catch(() => null)
    if (found !== null && Date.now() - found.mtimeMs > LEFT_AFTER_MS)
      await rm(folder, { recursive: true, force: true })
  }
}
