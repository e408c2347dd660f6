import type { Sha256 } from '../domain/identifiers.ts'
import type { BlobStore } from './store.ts'

/** Bytes. What is no longer is looked through before anything is said of it. */
export const LOOKED_THROUGH = 1024 * 1024

/**
 * Whether a blob may be given out: damage to a short one is known at once; of a long one its length is looked at, and its
 * last bytes are let go only when all are right.
 * @throws GatewayError `content-damaged`, `storage-unavailable`
 */
export async function requireSound(blobs: BlobStore, blob: Sha256, length: number): Promise<void> {
  if (length > LOOKED_THROUGH) await blobs.require(blob, length)
  else await blobs.readWhole(blob, length)
}
