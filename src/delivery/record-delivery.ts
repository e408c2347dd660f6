import { recordEvents } from '../audit/record-events.ts'
import type { DeliveryRecord } from '../db/deliveries.ts'
import type { Transaction } from '../db/pool.ts'
import type { AuditEventKind } from '../domain/audit-event.ts'

/** Something that happened to a delivery. */
export interface DeliveryEvent {
  readonly delivery: Pick<DeliveryRecord, 'key' | 'document' | 'recipient'>
  readonly kind: AuditEventKind
  readonly detail: Record<string, unknown>
}

export const recordDelivery = (db: Transaction, actor: string, events: readonly DeliveryEvent[]) =>
  recordEvents(
    db,
    events.map(({ delivery: { key, document, recipient }, kind, detail }) => ({
      kind,
      actor,
      agency: recipient,
      document,
      delivery: key,
      detail,
    })),
  )
