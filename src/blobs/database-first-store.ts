import { Readable } from 'node:stream'
import type { Pool } from '../db/pool.ts'
import { findSmallBlobLength, type SmallBlob, storeSmallBlobs } from '../db/small-blobs.ts'
import { inStatement } from '../db/transaction.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { directoryBlobStore } from './directory-store.ts'
import { listOldInBoth, removeOldInBoth } from './old-in-both.ts'
import { smallBlobReader, UnreadableRow } from './small-reader.ts'
import type { BlobStore, ByteRange, ReportIncident } from './store.ts'
import { damagedError, isNamedBy } from './verified-read.ts'

export interface DatabaseStoreOptions {
  readonly pool: Pool
  /** Folder of what is not small, and of what became a file before small blobs had a table. */
  readonly root: string
  /** Where small blobs go; they are found in both. */
  readonly small: 'database' | 'files'
  readonly report?: ReportIncident
}

/**
 * A blob store whose small blobs lie in the database, beside what names them, and the others in a folder. What lies in both
 * is read from the database.
 */
export function databaseBlobStore({
  pool,
  root,
  small,
  report = () => undefined,
}: DatabaseStoreOptions): BlobStore {
  const keepSmall = async (blobs: readonly SmallBlob[]) => {
    for (const blob of await inStatement(pool, (db) => storeSmallBlobs(db, blobs)))
      report({ kind: 'damaged-blob-replaced', blob, detail: 'other bytes' })
  }
  const files = directoryBlobStore(root, report, small === 'database' ? keepSmall : null)
  const find = smallBlobReader(pool)
  const findLength = (blob: Sha256) => inStatement(pool, (db) => findSmallBlobLength(db, blob))
  const findBytes = async (blob: Sha256): Promise<Uint8Array | undefined> => {
    const found = await find(blob)
    if (found instanceof UnreadableRow) throw damagedError(report, blob, 'unreadable', found)
    return found
  }
  const verified = (blob: Sha256, bytes: Uint8Array): Uint8Array => {
    if (isNamedBy(bytes, blob)) return bytes
    throw damagedError(report, blob, 'other-bytes')
  }
  return {
    ...files,
    length: async (blob) => (await findLength(blob)) ?? files.length(blob),
    read: (blob, range) =>
      firstFound(
        async () => cut(await findBytes(blob), range),
        () => files.read(blob, range),
      ),
    readVerified: (blob) =>
      firstFound(
        async () => {
          const bytes = await findBytes(blob)
          return bytes && verified(blob, bytes)
        },
        () => files.readVerified(blob),
      ),
    async readWhole(blob, length) {
      const bytes = await findBytes(blob)
      if (bytes === undefined) return files.readWhole(blob, length)
      if (bytes.length !== length) throw damagedError(report, blob, 'other-length')
      return verified(blob, bytes)
    },
    async require(blob, length) {
      const found = await findLength(blob)
      if (found === undefined) return files.require(blob, length)
      if (found !== length) throw damagedError(report, blob, 'other-length')
    },
    async examine(blob, pace) {
      const found = await find(blob)
      if (found === undefined) return files.examine(blob, pace)
      if (found instanceof UnreadableRow) return { bytes: 0, damage: 'unreadable' }
      await pace?.(found.length)
      return { bytes: found.length, damage: isNamedBy(found, blob) ? null : 'other-bytes' }
    },
    listOld: (olderThanMs, from, limit) => listOldInBoth(pool, files.listOld, olderThanMs, from, limit),
    removeOld: (blob, olderThanMs) => removeOldInBoth(pool, files.removeOld, blob, olderThanMs),
  }
}

const cut = (bytes: Uint8Array | undefined, range: ByteRange | undefined): Uint8Array | undefined =>
  range === undefined ? bytes : bytes?.subarray(range.start, Math.max(range.start, range.end))

/** The bytes, or what else is read where there are none. */
const firstFound = (find: () => Promise<Uint8Array | undefined>, otherwise: () => Readable): Readable =>
  Readable.from(
    (async function* () {
      const bytes = await find()
      if (bytes === undefined) yield* otherwise()
      else if (bytes.length > 0) yield bytes
    })(),
  )
