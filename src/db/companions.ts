import type { DeliveryKey } from '../domain/identifiers.ts'
import { DELIVERY_COLUMNS, type DeliveryRecord, type DeliveryRow, toDelivery } from './deliveries.ts'
import { STILL_WAITING } from './delivery-conditions.ts'
import type { Transaction } from './pool.ts'

/**
 * Takes, with a delivery that was just taken, the others of its document that are due by the same connector: one packet
 * carries them all. What somebody else has locked is left to that one. Leases end together with that of the first, so
 * that after a death the same go together again.
 * @param mostAbandonments workers that may have died over one: beyond that it goes alone, to be given up
 */
export async function takeCompanions(
  db: Transaction,
  lead: DeliveryKey,
  { limit, mostAbandonments }: { readonly limit: number; readonly mostAbandonments: number },
): Promise<DeliveryRecord[]> {
  const { rows } = await db.query<DeliveryRow>({
    name: 'take-companions',
    text: `with lead as (
        select id, document_id, channel, route -> 'gateway' as gateway, route -> 'quietHours' as quiet, lease_until
        from delivery where id = $1),
      free as (
        select delivery.id from lead join delivery on delivery.document_id = lead.document_id
        where delivery.id <> lead.id and ${STILL_WAITING} and delivery.channel = lead.channel
          and delivery.route -> 'gateway' is not distinct from lead.gateway
          and delivery.route -> 'quietHours' is not distinct from lead.quiet
          and delivery.next_attempt_at <= clock_timestamp() and delivery.abandonments < $3
          and (delivery.lease_until is null or delivery.lease_until <= clock_timestamp())
          and not exists (select from recipient_pause where agency_code = delivery.recipient_code)
        order by delivery.id limit $2 for update of delivery skip locked)
      update delivery
      set lease_epoch = delivery.lease_epoch + 1, lease_until = lead.lease_until, enqueued_at = null,
        abandonments = case when delivery.lease_until is null then abandonments else abandonments + 1 end
      from lead, free where delivery.id = free.id returning ${DELIVERY_COLUMNS}`,
    values: [lead, limit, mostAbandonments],
  })
  return rows.map(toDelivery).sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Puts on record, before the first byte leaves, that another exchange may hold these from now on. */
export async function markMayHaveLeft(db: Transaction, keys: readonly DeliveryKey[]): Promise<void> {
  await db.query({
    name: 'mark-may-have-left',
    text: 'update delivery set may_have_left = true where id = any($1) and not may_have_left',
    values: [keys],
  })
}
