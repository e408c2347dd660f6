import type { Examined, Pace } from '../blobs/store.ts'
import { type BlobUse, isAnyDamaged, listNamedBlobs, listUses } from '../db/damaged-blobs.ts'
import type { BlobDamage } from '../domain/blob-damage.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { type DamageDependencies, recordDamage, recordMended } from './damaged-blobs.ts'

const PAGE = 500
/** Blobs that are read at the same time: small ones by one query. */
const AT_ONCE = 16
/** Documents that are named with one blob. */
const MOST_USES = 20

export interface DamageFound {
  readonly blob: Sha256
  readonly damage: BlobDamage
  readonly uses: readonly BlobUse[]
}

export interface StoreVerified {
  readonly blobs: number
  readonly bytes: number
  readonly damaged: number
  readonly mended: number
}

export interface VerifyStoreOptions {
  readonly pace: Pace
  readonly onDamaged: (found: DamageFound) => void
}

/**
 * Reads every blob that the database names, whole, and puts on record what is damaged, and what was and is whole again.
 * One that is committed while this runs is read or not; what was there before is.
 * @throws GatewayError `storage-unavailable`, `database-unavailable`
 */
export async function verifyStore(
  dependencies: DamageDependencies,
  { pace, onDamaged }: VerifyStoreOptions,
): Promise<StoreVerified> {
  const { pool, blobs } = dependencies
  const found = { blobs: 0, bytes: 0, damaged: 0, mended: 0 }
  for (let after = ''; ; ) {
    const named = await listNamedBlobs(pool, after, PAGE)
    const someWereDamaged = await isAnyDamaged(pool, named)
    for await (const { blob, bytes, damage } of examineInOrder(blobs, named, pace)) {
      found.blobs += 1
      found.bytes += bytes
      if (damage === null) {
        if (someWereDamaged && (await recordMended(dependencies, blob))) found.mended += 1
        continue
      }
      await recordDamage(dependencies, blob, damage)
      found.damaged += 1
      onDamaged({ blob, damage, uses: await listUses(pool, blob, MOST_USES) })
    }
    if (named.length < PAGE) return found
    after = named.at(-1)!
  }
}

async function* examineInOrder(
  store: DamageDependencies['blobs'],
  blobs: readonly Sha256[],
  pace: Pace,
): AsyncGenerator<Examined & { readonly blob: Sha256 }> {
  for (let at = 0; at < blobs.length; at += AT_ONCE) {
    const examine = async (blob: Sha256) => ({ ...(await store.examine(blob, pace)), blob })
    yield* await Promise.all(blobs.slice(at, at + AT_ONCE).map(examine))
  }
}
