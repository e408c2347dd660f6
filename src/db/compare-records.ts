import type { DeliveryState } from '../domain/delivery-state.ts'
import { type DeliveryKey, type DocumentKey, deliveryKey, documentKey } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

/** Those of these documents that are on record. */
export async function findKnownDocuments(
  db: Queryable,
  keys: readonly DocumentKey[],
): Promise<ReadonlySet<DocumentKey>> {
  const { rows } = await db.query<{ id: string }>('select id from document where id = any($1::uuid[])', [
    keys,
  ])
  return new Set(rows.map(({ id }) => documentKey(id)))
}

/** The states of those of these deliveries that are on record. */
export async function findDeliveryStates(
  db: Queryable,
  keys: readonly DeliveryKey[],
): Promise<ReadonlyMap<DeliveryKey, DeliveryState>> {
  const { rows } = await db.query<{ id: string; state: DeliveryState }>(
    'select id, state from delivery where id = any($1::uuid[])',
    [keys],
  )
  return new Map(rows.map(({ id, state }) => [deliveryKey(id), state]))
}

/** A hand-over that the gateway attested and has forgotten since. */
export interface AttestedHandOver {
  readonly key: DeliveryKey
  readonly state: 'handed-over' | 'acknowledged'
  /** ISO 8601. */
  readonly handedOverAt: string
  readonly acknowledgedAt: string | null
}

/**
 * Brings a delivery as far as the gateway attested that it had come, at the times that it attested. It must have its
 * number. Returns false where it has come as far by itself.
 */
export async function settleAttested(
  db: Transaction,
  { key, state, handedOverAt, acknowledgedAt }: AttestedHandOver,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update delivery set state = $2, state_since = coalesce($4::timestamptz, $3::timestamptz), handed_over_at = $3,
        acknowledged_at = $4, next_attempt_at = null, lease_until = null, lease_epoch = lease_epoch + 1, reason = null,
        claim_token = null, claim_until = null
      where id = $1 and (state in ('waiting', 'available', 'failed') or (state = 'handed-over' and $2 = 'acknowledged'))`,
    [key, state, handedOverAt, acknowledgedAt],
  )
  return rowCount === 1
}

/** Readers that have shown to know numbers which no backup held, the latest restoration first. */
export async function listReadersAhead(
  db: Queryable,
): Promise<readonly { readonly agency: string; readonly known: number; readonly seen: number }[]> {
  const { rows } = await db.query<{ agency: string; known: number; seen: number }>(
    `select agency_code as agency, after_number::float8 as known, seen_number::float8 as seen
      from inbox_leap join restoration on restoration.id = restoration_id
      where seen_number is not null order by restored_at desc, agency_code`,
  )
  return rows
}
