import { mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { blobPath } from '../../src/blobs/files.ts'
import type { Queryable } from '../../src/db/pool.ts'
import { isSha256, type Sha256, sha256 } from '../../src/domain/identifiers.ts'

/** A blob store as it lies there: its rows and its folder. */
export interface StoredBlobs {
  readonly pool: Queryable
  readonly root: string
}

const filesOf = async (root: string): Promise<Sha256[]> =>
  (await readdir(root, { recursive: true }).catch(() => []))
    .map((name) => name.split('/').at(-1)!)
    .filter(isSha256)
    .map(sha256)

/** Every blob in either home, each once, in the order of digests. */
export async function listStored({ pool, root }: StoredBlobs): Promise<Sha256[]> {
  const { rows } = await pool.query<{ sha256: string }>('select sha256 from small_blob')
  return [...new Set([...rows.map((row) => sha256(row.sha256)), ...(await filesOf(root))])].sort()
}

/** Lets every blob that is there now look as old as this. */
export async function ageStored({ pool, root }: StoredBlobs, ms: number): Promise<void> {
  await pool.query(
    'update small_blob set stored_at = clock_timestamp() - make_interval(secs => $1 / 1000.0)',
    [ms],
  )
  const at = new Date(Date.now() - ms)
  for (const blob of await filesOf(root)) await utimes(blobPath(root, blob), at, at)
}

export const isRow = async ({ pool }: StoredBlobs, blob: Sha256): Promise<boolean> =>
  (await pool.query('select from small_blob where sha256 = $1', [blob])).rowCount === 1

/** What may be wrong with stored bytes, and how it comes about: in a row, in a file. */
const SPOIL = {
  'other-bytes': {
    row: 'update small_blob set bytes = set_byte(bytes, length(bytes) / 2, get_byte(bytes, length(bytes) / 2) # 1) where sha256 = $1',
    file: async (path: string) => {
      const bytes = await readFile(path)
      bytes[bytes.length >> 1]! ^= 1
      await writeFile(path, bytes)
    },
  },
  'other-length': {
    row: 'update small_blob set bytes = substring(bytes for 10) where sha256 = $1',
    file: (path: string) => truncate(path, 10),
  },
  missing: {
    row: 'delete from small_blob where sha256 = $1',
    file: (path: string) => rm(path),
  },
} as const

export type Spoilt = keyof typeof SPOIL
export const SPOILT = Object.keys(SPOIL) as Spoilt[]

/** Damages a blob where it lies. */
export async function spoilStored(store: StoredBlobs, blob: Sha256, damage: Spoilt): Promise<void> {
  if (await isRow(store, blob)) await store.pool.query(SPOIL[damage].row, [blob])
  else await SPOIL[damage].file(blobPath(store.root, blob))
}

/** Gives a blob these bytes, right or wrong: in its row where it has one, else in a file, where backups bring it. */
export async function rewriteStored(store: StoredBlobs, blob: Sha256, bytes: Uint8Array): Promise<void> {
  const changed = await store.pool.query('update small_blob set bytes = $2 where sha256 = $1', [blob, bytes])
  if (changed.rowCount === 1) return
  await putBackStored(store, blob, bytes)
}

/** Copies a blob from a backup to its path in the folder, as operators do, also where a damaged row is. */
export async function putBackStored({ root }: StoredBlobs, blob: Sha256, bytes: Uint8Array): Promise<void> {
  const path = blobPath(root, blob)
  await rm(path, { force: true })
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
}
