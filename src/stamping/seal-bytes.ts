import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { BlobStore } from '../blobs/store.ts'
import { currentSeal, type SealRecord } from '../db/seal-levels.ts'
import type { DocumentKey, Sha256 } from '../domain/identifiers.ts'
import { SealFault, type StampingDependencies } from './dependencies.ts'

export interface OpenSeal extends SealRecord {
  readonly xades: Uint8Array
}

/** The newest form of a document's seal. @throws SealFault where it is lost or damaged; GatewayError of the store */
export async function openSeal(
  { pool, blobs }: Pick<StampingDependencies, 'pool' | 'blobs'>,
  document: DocumentKey,
): Promise<OpenSeal> {
  const seal = await currentSeal(pool, document)
  if (seal === undefined) throw new SealFault('the document is gone')
  await requireBlob(blobs, seal.sha256)
  const xades = await buffer(blobs.read(seal.sha256))
  if (createHash('sha256').update(xades).digest('hex') !== seal.sha256)
    throw new SealFault(`blob ${seal.sha256} is damaged`)
  return { ...seal, xades }
}

/** @throws SealFault where the blob is not there */
export async function requireBlob(blobs: BlobStore, blob: Sha256): Promise<void> {
  if ((await blobs.length(blob)) === undefined) throw new SealFault(`blob ${blob} is lost`)
}

/** What the text of a seal does not allow is a fault of this seal. */
export function lifted<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof RangeError ? new SealFault(error.message, error) : error
  }
}
