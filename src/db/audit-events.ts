import type { AuditEventKind } from '../domain/audit-event.ts'
import type { Queryable } from './pool.ts'
import type { Writing } from './write-together.ts'

export interface AuditEventRecord {
  readonly id: string
  readonly at: Date
  readonly kind: AuditEventKind
  readonly actor: string
  readonly agency: string | null
  readonly document: string | null
  readonly delivery: string | null
  readonly detail: Record<string, unknown>
}

export type NewAuditEvent = Omit<AuditEventRecord, 'at'>

/** Adds events, in one statement. */
export async function insertAuditEvents(db: Queryable, events: readonly NewAuditEvent[]): Promise<void> {
  if (events.length === 0) return
  const { text, values } = writeAuditEvents(events)
  await db.query({ name: 'insert-audit-events', text, values: [...values] })
}

export function writeAuditEvents(events: readonly NewAuditEvent[]): Writing {
  return {
    name: 'audit-events',
    text: `insert into audit_event (id, kind, actor, agency_code, document_id, delivery_id, detail)
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::jsonb[])`,
    values: [
      events.map((event) => event.id),
      events.map((event) => event.kind),
      events.map((event) => event.actor),
      events.map((event) => event.agency),
      events.map((event) => event.document),
      events.map((event) => event.delivery),
      events.map((event) => JSON.stringify(event.detail)),
    ],
  }
}

/** The events of one document and its deliveries, oldest first; of one delivery alone where `delivery` is given. */
export async function listDocumentEvents(
  db: Queryable,
  document: string,
  delivery: string | null = null,
): Promise<AuditEventRecord[]> {
  const { rows } = await db.query<AuditEventRecord>(
    `select id, at, kind, actor, agency_code as agency, document_id as document, delivery_id as delivery, detail
      from audit_event
      where document_id = $1 and ($2::uuid is null or delivery_id = $2 or delivery_id is null)
      order by at, id`,
    [document, delivery],
  )
  return rows
}
