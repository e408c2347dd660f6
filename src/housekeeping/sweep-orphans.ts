import type { BlobStore } from '../blobs/store.ts'
import { listUnnamedBlobs } from '../db/blobs-in-use.ts'
import { asLeader } from '../db/leader.ts'
import type { Pool } from '../db/pool.ts'
import type { Sha256 } from '../domain/identifiers.ts'

/** A submission commits its blobs minutes before its transaction at most. */
export const ORPHANED_AFTER_MS = 24 * 60 * 60_000

/** What one round looks at, in blobs: about that many, page by page, for no longer than this. */
const MOST_BLOBS = 20_000
const PAGE = 2_000
const LONGEST_MS = 5_000
/** Blobs a query. */
const ASKED_AT_ONCE = 500

export interface OrphanDependencies {
  readonly pool: Pool
  readonly blobs: BlobStore
}

export interface OrphanRound {
  readonly removed: number
  /** Where the next round goes on. */
  readonly next: string
}

/**
 * Removes blobs that were committed more than a day ago and that nothing names: their submission was refused inside
 * its transaction, or its process died. One round looks at a part of the store that begins at `from`, and goes on at
 * the store's beginning where it comes to the end. Undefined where another process is at it.
 *
 * A submission under way that brings the same bytes makes its blob young, which the store looks at again as it removes.
 * @throws Error where more is unnamed than named: this is not the database of this store, and nothing is removed
 */
export async function sweepOrphans(
  { pool, blobs }: OrphanDependencies,
  from: string,
): Promise<OrphanRound | undefined> {
  const found = await asLeader(pool, 'housekeeping', async (db) => {
    const unnamed: Sha256[] = []
    let named = 0
    const next = await eachPage(blobs, from, async (old) => {
      for (let at = 0; at < old.length; at += ASKED_AT_ONCE) {
        const asked = old.slice(at, at + ASKED_AT_ONCE)
        const answer = await listUnnamedBlobs(db, asked)
        unnamed.push(...answer)
        named += asked.length - answer.length
      }
    })
    return { unnamed, named, next }
  })
  if (found === undefined) return undefined
  const { unnamed, named, next } = found
  if (unnamed.length > named) {
    throw new Error(
      `of ${unnamed.length + named} old blobs the database names only ${named}; is it the database of this store? Nothing was removed`,
    )
  }
  let removed = 0
  for (const blob of unnamed) if (await blobs.removeOld(blob, ORPHANED_AFTER_MS)) removed += 1
  return { removed, next }
}

/** Answers where the pages after these begin; '' after one whole turn. */
async function eachPage(
  blobs: BlobStore,
  from: string,
  visit: (old: readonly Sha256[]) => Promise<void>,
): Promise<string> {
  const deadline = performance.now() + LONGEST_MS
  let [at, turned] = [from, from === '']
  for (let lookedAt = 0; lookedAt < MOST_BLOBS && performance.now() < deadline; lookedAt += PAGE) {
    const page = await blobs.listOld(ORPHANED_AFTER_MS, at, PAGE)
    // Each once: after the turn the last page goes beyond where it all began.
    await visit(turned && from !== '' ? page.blobs.filter((blob) => blob < from) : page.blobs)
    if (page.next === null && turned) return ''
    if (page.next === null) turned = true
    at = page.next ?? ''
    if (turned && from !== '' && at >= from) return at
  }
  return at
}
