import { ENDPOINT_CHANNEL_IDS } from '../domain/channel-id.ts'
import type { DeliveryKey } from '../domain/identifiers.ts'
import type { Transaction } from './pool.ts'

/** Workers that died over a delivery one after the other until it is suspected of ending them. As the index has it. */
export const SUSPECT_FROM = 2

/** One number for all releases, beside those of `leader.ts`. */
const SUSPECTS_LOCK = 7_007

/**
 * Until when another suspect that goes by no connector is in somebody's hands, also in those of a worker that died meanwhile;
 * null where none is. Nobody else finds that out before this transaction ends.
 */
export async function othersInHandUntil(db: Transaction, key: DeliveryKey): Promise<Date | null> {
  await db.query({
    name: 'lock-suspects',
    text: 'select pg_advisory_xact_lock($1)',
    values: [SUSPECTS_LOCK],
  })
  const { rows } = await db.query<{ until: Date | null }>({
    name: 'suspects-in-hand',
    text: `select max(lease_until) as until from delivery
      where id <> $1 and state = 'waiting' and abandonments >= ${SUSPECT_FROM} and lease_until > clock_timestamp()
        and channel = any($2)`,
    values: [key, ENDPOINT_CHANNEL_IDS],
  })
  return rows[0]!.until
}
