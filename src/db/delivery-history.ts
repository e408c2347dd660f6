import type { DeliveryKey, DocumentKey } from '../domain/identifiers.ts'
import type { AuditEventRecord } from './audit-events.ts'
import type { Queryable } from './pool.ts'
import type { StatusReport } from './status-reports.ts'

/** The events of a document as a whole and of some of its deliveries, oldest first. */
export async function listEventsOf(
  db: Queryable,
  document: DocumentKey,
  deliveries: readonly DeliveryKey[],
): Promise<AuditEventRecord[]> {
  const { rows } = await db.query<AuditEventRecord>(
    `select id, at, kind, actor, agency_code as agency, document_id as document, delivery_id as delivery, detail
      from audit_event where document_id = $1 and (delivery_id is null or delivery_id = any($2))
      order by at, id`,
    [document, deliveries],
  )
  return rows
}

/** Every status reported on some deliveries, by delivery, in the order of arrival. */
export async function listStatusReportsOf(
  db: Queryable,
  deliveries: readonly DeliveryKey[],
): Promise<ReadonlyMap<string, StatusReport[]>> {
  const { rows } = await db.query<StatusReport & { delivery: string }>(
    `select delivery_id as delivery, document_id as document, code, description, staff,
        reported_at as "reportedAt", received_at as "receivedAt"
      from status_report where delivery_id = any($1) order by received_at, id`,
    [deliveries],
  )
  const byDelivery = new Map<string, StatusReport[]>()
  for (const { delivery, ...report } of rows) {
    const reports = byDelivery.get(delivery)
    if (reports === undefined) byDelivery.set(delivery, [report])
    else reports.push(report)
  }
  return byDelivery
}
