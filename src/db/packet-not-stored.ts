import type { DeliveryKey } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

/** Whether it is on record already that a recipient's system could not take a packet, for this reason. */
export async function isNotStoredOnRecord(
  db: Queryable,
  delivery: DeliveryKey,
  description: string | null,
): Promise<boolean> {
  const { rows } = await db.query<{ known: boolean }>({
    name: 'is-not-stored-on-record',
    text: `select exists (
        select from audit_event
        where audit_event.delivery_id = $1 and audit_event.kind = 'packet-not-stored'
          and audit_event.detail->>'description' is not distinct from $2) as known`,
    values: [delivery, description],
  })
  return rows[0]!.known
}
