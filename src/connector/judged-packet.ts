import type { Readable } from 'node:stream'
import type { BlobStore } from '../blobs/store.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { GatewayError, PROBLEMS } from '../domain/problem.ts'

/** Whether it says what is wrong with a packet, and not that it cannot be judged now. */
export const isJudgement = (error: unknown): boolean =>
  error instanceof GatewayError && PROBLEMS[error.code].status < 500

/**
 * Does `work` with a stored packet. What is found wrong with it holds only where the bytes are those that were fetched: of a
 * long packet damage is known at its end, and before that it may look as if its sender had written it so.
 * @throws GatewayError `content-damaged`, `storage-unavailable`, and what the work throws
 */
export async function judgedPacket<T>(
  blobs: Pick<BlobStore, 'readVerified'>,
  packet: Sha256,
  work: (content: Readable) => Promise<T>,
): Promise<T> {
  try {
    return await work(blobs.readVerified(packet))
  } catch (error) {
    if (isJudgement(error)) await requireWhole(blobs, packet)
    throw error
  }
}

/** Reads a stored packet to its end. @throws GatewayError `content-damaged`, `storage-unavailable` */
export async function requireWhole(blobs: Pick<BlobStore, 'readVerified'>, packet: Sha256): Promise<void> {
  for await (const _chunk of blobs.readVerified(packet));
}
