import { Readable } from 'node:stream'
import type { Pool } from '../db/pool.ts'
import { type SmallBlob, storeSmallBlobs } from '../db/small-blobs.ts'
import { inStatement } from '../db/transaction.ts'
import type { BlobDamage } from '../domain/blob-damage.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { directoryBlobStore } from './directory-store.ts'
import { listOldInBoth, removeOldInBoth } from './old-in-both.ts'
import { rowLengthReader, smallBlobReader, UnreadableRow } from './small-reader.ts'
import type { BlobStore, ByteRange, ReportIncident } from './store.ts'
import { type StoreTie, UNTIED } from './store-tie.ts'
import { damagedError, isNamedBy } from './verified-read.ts'

export interface DatabaseStoreOptions {
  readonly pool: Pool
  /** Folder of what is not small, and of what became a file before small blobs had a table. */
  readonly root: string
  /** Where small blobs go; they are found in both. */
  readonly small: 'database' | 'files'
  readonly report?: ReportIncident
  /** Whether the folder is the one that belongs to the database. */
  readonly tie?: StoreTie
}

/**
 * A blob store whose small blobs lie in the database, beside what names them, and the others in a folder. What lies in both
 * is read from the database, as long as it is sound there.
 */
export function databaseBlobStore({
  pool,
  root,
  small,
  report = () => undefined,
  tie = UNTIED,
}: DatabaseStoreOptions): BlobStore {
  const keepSmall = async (blobs: readonly SmallBlob[]) => {
    for (const blob of await inStatement(pool, (db) => storeSmallBlobs(db, blobs)))
      report({ kind: 'damaged-blob-replaced', blob, detail: 'other bytes' })
  }
  const files = directoryBlobStore(root, report, small === 'database' ? keepSmall : null, tie)
  const findRow = smallBlobReader(pool)
  const findRowLength = rowLengthReader(pool)
  /** Undefined where the blob can only be a file. One beside a damaged row was put there to mend it. */
  const find = async (blob: Sha256): Promise<SmallFound | undefined> => {
    const row = await findRow(blob)
    if (row === undefined) return undefined
    const found = judge(row, blob)
    return found.damage === null || (await files.length(blob)) === undefined ? found : undefined
  }
  const findSound = async (blob: Sha256, length?: number): Promise<Uint8Array | undefined> => {
    const found = await find(blob)
    if (found === undefined) return undefined
    const { bytes, damage, cause } = found
    if (damage === null && bytes.length === (length ?? bytes.length)) return bytes
    const isCut = damage !== 'unreadable' && length !== undefined && bytes.length !== length
    throw damagedError(report, blob, isCut ? 'other-length' : (damage ?? 'other-bytes'), cause)
  }
  return {
    ...files,
    async length(blob) {
      const found = await findRowLength(blob)
      if (typeof found === 'number') return found
      const length = await files.length(blob)
      if (length === undefined && found !== undefined) throw damagedError(report, blob, 'unreadable', found)
      return length
    },
    read: (blob, range) =>
      firstFound(
        async () => {
          const found = await find(blob)
          if (found?.damage === 'unreadable') throw damagedError(report, blob, 'unreadable', found.cause)
          return cut(found?.bytes, range)
        },
        () => files.read(blob, range),
      ),
    readVerified: (blob) =>
      firstFound(
        () => findSound(blob),
        () => files.readVerified(blob),
      ),
    readWhole: async (blob, length) => (await findSound(blob, length)) ?? files.readWhole(blob, length),
    async require(blob, length) {
      const found = await findRowLength(blob)
      if (found === length) return
      if (found === undefined || (await files.length(blob)) !== undefined) return files.require(blob, length)
      if (found instanceof UnreadableRow) throw damagedError(report, blob, 'unreadable', found)
      throw damagedError(report, blob, 'other-length')
    },
    async examine(blob, pace) {
      const found = await find(blob)
      if (found === undefined) return files.examine(blob, pace)
      await pace?.(found.bytes.length)
      return { bytes: found.bytes.length, damage: found.damage }
    },
    listOld: (olderThanMs, from, limit) =>
      listOldInBoth({ pool, report, listOldFiles: files.listOld }, olderThanMs, from, limit),
    removeOld: (blob, olderThanMs) => removeOldInBoth(pool, files.removeOld, blob, olderThanMs),
  }
}

interface SmallFound {
  readonly bytes: Uint8Array
  readonly damage: BlobDamage | null
  readonly cause?: Error
}

function judge(row: Uint8Array | UnreadableRow, blob: Sha256): SmallFound {
  if (row instanceof UnreadableRow) return { bytes: new Uint8Array(), damage: 'unreadable', cause: row }
  return { bytes: row, damage: isNamedBy(row, blob) ? null : 'other-bytes' }
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
