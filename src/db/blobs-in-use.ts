import type { Sha256 } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

/** Those of these blobs that no document, no attachment and no packet of another exchange names. */
export async function listUnnamedBlobs(db: Queryable, blobs: readonly Sha256[]): Promise<Sha256[]> {
  const { rows } = await db.query<{ blob: Sha256 }>(
    `select blob from unnest($1::text[]) as given (blob)
      where not exists (select from document where packet_sha256 = blob)
        and not exists (select from document where seal_sha256 = blob)
        and not exists (select from document where gateway_seal_sha256 = blob)
        and not exists (select from seal_level where seal_level.sha256 = blob)
        and not exists (select from attachment where sha256 = blob)
        and not exists (select from axis_arrival where axis_arrival.packet_sha256 = blob)`,
    [blobs],
  )
  return rows.map(({ blob }) => blob)
}
