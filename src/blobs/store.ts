import type { Readable } from 'node:stream'
import type { Sha256 } from '../domain/identifiers.ts'

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
   * Takes one stream of bytes into the stage, hashing as it goes; memory stays flat.
   * @throws GatewayError `storage-full`, `storage-unavailable`
   */
  write(content: AsyncIterable<Uint8Array>): Promise<StagedBlob>
  /** Reads a staged blob back. */
  read(blob: Sha256, range?: ByteRange): Readable
  /** Makes every staged blob durable under its SHA-256. To be called before the transaction that names them. */
  commit(): Promise<void>
  /** Removes what was not committed. Safe to call at any time, also twice. */
  discard(): Promise<void>
}

/** Bytes by their SHA-256. A blob that was committed is there for good and never changes. */
export interface BlobStore {
  stage(): Promise<BlobStage>
  /** Length in bytes, or undefined where there is no such blob. */
  length(blob: Sha256): Promise<number | undefined>
  read(blob: Sha256, range?: ByteRange): Readable
  /** Removes stages that nobody has written to for this long: their process was killed. Returns how many. */
  sweep(olderThanMs: number): Promise<number>
  /** Whether a blob can be stored durably now. @throws GatewayError `storage-unavailable`, `storage-full` */
  probe(): Promise<void>
}
