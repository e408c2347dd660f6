import type { BlobStage } from '../blobs/store.ts'
import { isAnyDamaged } from '../db/damaged-blobs.ts'
import type { Queryable } from '../db/pool.ts'
import { attachmentsOf, type IdentifiedDocument } from './submission.ts'

/**
 * Whoever sends a document again brings the very bytes that the store may have lost: where some are known to be damaged,
 * those that came in take their place.
 * @throws GatewayError `storage-full`, `storage-unavailable`
 */
export async function mendDamaged(
  db: Queryable,
  { packet, envelope }: IdentifiedDocument,
  stage: BlobStage,
): Promise<void> {
  const blobs = [packet.sha256, ...attachmentsOf(envelope).map(({ sha256 }) => sha256)]
  if (await isAnyDamaged(db, blobs)) await stage.commit()
}
