import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { BlobStore } from '../blobs/store.ts'
import type { Queryable } from '../db/pool.ts'
import { listSeals } from '../db/seal-levels.ts'
import type { DocumentKey, Sha256 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'

export interface SealDependencies {
  readonly pool: Queryable
  readonly blobs: BlobStore
}

/**
 * The form of a document's seal that proves most, the last, of those that another gateway reads beside the packet;
 * undefined where none is so short. A gateway that is given a packet without its seal has lost it for good: where it
 * cannot be given for the moment, nothing is.
 * @param longest bytes
 * @throws GatewayError `storage-unavailable`, its cause naming the blob, where the seal is not there or is damaged
 */
export async function sealForGateway(
  { pool, blobs }: SealDependencies,
  document: DocumentKey,
  longest: number,
): Promise<Uint8Array | undefined> {
  const forms = await listSeals(pool, document)
  for (const { sha256 } of forms.toReversed()) {
    const length = await blobs.length(sha256)
    if (length === undefined) throw lost(new Error(`blob ${sha256}, a seal, is not there`))
    if (length <= longest) return readWhole(blobs, sha256)
  }
  return undefined
}

async function readWhole(blobs: BlobStore, seal: Sha256): Promise<Uint8Array> {
  const bytes = await buffer(blobs.read(seal)).catch((cause: unknown) => {
    throw lost(new Error(`blob ${seal}, a seal, cannot be read`, { cause }))
  })
  if (createHash('sha256').update(bytes).digest('hex') === seal) return bytes
  throw lost(new Error(`blob ${seal}, a seal, does not have the bytes that it is named by`))
}

const lost = (cause: unknown): GatewayError =>
  new GatewayError('storage-unavailable', { cause, retryAfter: 60 })
