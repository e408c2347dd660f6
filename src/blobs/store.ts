import type { Readable } from 'node:stream'
import type { SmallBlob } from '../db/small-blobs.ts'
import type { BlobDamage } from '../domain/blob-damage.ts'
import type { Sha256 } from '../domain/identifiers.ts'

export type { SmallBlob }

export interface StagedBlob {
  readonly sha256: Sha256
  /** Bytes. */
  readonly length: number
}

/** A part of a blob in bytes: `start` inclusive, `end` exclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Bytes on their way in, kept apart until the document that they belong to is accepted: what is refused is
 * discarded and leaves nothing behind.
 */
export interface BlobStage {
  /**
   * Takes one stream of bytes into the stage, hashing as it goes; memory stays flat: what is small may stay there.
   * @throws GatewayError `storage-full`, `storage-unavailable`
   */
  write(content: AsyncIterable<Uint8Array>): Promise<StagedBlob>
  /** Reads a staged blob back. */
  read(blob: Sha256, range?: ByteRange): Readable
  /** The bytes of a staged blob, where they are in memory anyway; not to be changed. */
  bytes(blob: Sha256): Uint8Array | undefined
  /**
   * Makes every staged blob durable under its SHA-256, and young where it was there. To be called before the
   * transaction that names them.
   */
  commit(): Promise<void>
  /** The same, but for what the store keeps in the database: that is for the transaction that names it to write. */
  commitFiles(): Promise<readonly SmallBlob[]>
  /** The same with every blob as a file, for where the database cannot write one: a file is read in place of a damaged row. */
  commitAsFiles(): Promise<void>
  /** Removes what was not committed. Never throws; safe to call at any time, also twice. */
  discard(): Promise<void>
}

/** What operators should learn of, also where nobody's request failed of it. */
export interface BlobIncident {
  readonly kind: 'damaged-blob-found' | 'damaged-blob-replaced' | 'stage-not-removed'
  readonly blob?: Sha256
  readonly damage?: BlobDamage
  readonly detail: string
  readonly error?: unknown
}

export type ReportIncident = (incident: BlobIncident) => void

/** What reading a blob to its end has shown. */
export interface Examined {
  readonly bytes: number
  /** Null where it is what it is named by. */
  readonly damage: BlobDamage | null
}

/** Told of bytes as they are read; the reading goes on when it resolves. */
export type Pace = (bytes: number) => Promise<void>

export interface OldBlobs {
  readonly blobs: readonly Sha256[]
  /** Where to go on; null at the end. */
  readonly next: string | null
}

/**
 * Bytes by their SHA-256; a store that asks the database throws `database-unavailable`, too. A blob that was committed never changes, and is there as long as
 * something names it.
 */
export interface BlobStore {
  stage(): Promise<BlobStage>
  /** Length in bytes, or undefined where there is no such blob. @throws GatewayError `content-damaged` where it cannot be told */
  length(blob: Sha256): Promise<number | undefined>
  /** As they are on disk. What leaves the gateway is read by `readVerified`. */
  read(blob: Sha256, range?: ByteRange): Readable
  /**
   * The whole blob, its last bytes only when all of them are what it is named by; reports damage.
   * @throws GatewayError, on reading, `content-damaged`, `storage-unavailable`
   */
  readVerified(blob: Sha256): Readable
  /**
   * A blob that is short enough to be held in memory, whole; reports damage.
   * @throws GatewayError `content-damaged`, `storage-unavailable`
   */
  readWhole(blob: Sha256, length: number): Promise<Uint8Array>
  /**
   * Whether a blob is there in its whole length; reports damage.
   * @throws GatewayError `content-damaged`, `storage-unavailable`
   */
  require(blob: Sha256, length: number): Promise<void>
  /** Reads a blob to its end to see whether it is damaged, and reports nothing. @throws GatewayError `storage-unavailable` */
  examine(blob: Sha256, pace?: Pace): Promise<Examined>
  /** Removes stages that nobody has written to for this long: their process was killed. Returns how many. */
  sweep(olderThanMs: number): Promise<number>
  /**
   * Blobs that were last committed longer ago than this, of the part of the store that begins at `from` ('' or an
   * earlier `next`) and has about `limit` blobs, or ends before `until`.
   */
  listOld(olderThanMs: number, from: string, limit: number, until?: string | null): Promise<OldBlobs>
  /** Removes a blob for good, unless it was committed, or committed again, within this time. Returns whether it did. */
  removeOld(blob: Sha256, olderThanMs: number): Promise<boolean>
  /** Whether a blob can be stored durably now. @throws GatewayError `storage-unavailable`, `storage-full` */
  probe(): Promise<void>
}
