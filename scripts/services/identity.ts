import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

export interface ServerIdentity {
  readonly uid: number
  readonly gid: number
}

/** The ids that POSIX systems leave to "nobody"; no account by that name need exist. */
const NOBODY: ServerIdentity = { uid: 65_534, gid: 65_534 }

/** PostgreSQL refuses to run as root; as anybody else it keeps the caller's own identity (null). */
export function serverIdentity(): ServerIdentity | null {
  return process.getuid?.() === 0 ? NOBODY : null
}

/** Whether every folder on the way to `path`, and `path` itself, may be entered by any user. */
export async function reachableByAll(path: string): Promise<boolean> {
  let current = resolve(path)
  for (;;) {
    const { mode } = await stat(current)
    if ((mode & 0o001) === 0) return false
    const parent = dirname(current)
    if (parent === current) return true
    current = parent
  }
}

/** The first of the usual places for temporary files that any user may enter. */
export async function sharedTemporaryFolder(places: readonly string[]): Promise<string> {
  for (const place of places) {
    if (await reachableByAll(place).catch(() => false)) return place
  }
  throw new Error(`none of ${places.join(', ')} can be entered by every user`)
}
