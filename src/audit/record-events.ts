import { insertAuditEvents, type NewAuditEvent, writeAuditEvents } from '../db/audit-events.ts'
import type { Queryable } from '../db/pool.ts'
import type { Writing } from '../db/write-together.ts'
import { type AgencyCode, type DeliveryKey, type DocumentKey, uuidv7 } from '../domain/identifiers.ts'

export interface EventFacts {
  readonly kind: NewAuditEvent['kind']
  /** Who brought it about: a client id, or the process (`worker`). */
  readonly actor: string
  readonly agency?: AgencyCode | null
  readonly document?: DocumentKey | null
  readonly delivery?: DeliveryKey | null
  readonly detail?: Record<string, unknown>
}

/** Puts events on record, in the transaction of what they tell wherever there is one. */
export async function recordEvents(db: Queryable, events: readonly EventFacts[]): Promise<void> {
  await insertAuditEvents(db, events.map(eventOf))
}

/** The same, to be written with others. */
export const writeEvents = (events: readonly EventFacts[]): Writing => writeAuditEvents(events.map(eventOf))

const eventOf = (event: EventFacts): NewAuditEvent => ({
  id: uuidv7(),
  kind: event.kind,
  actor: event.actor,
  agency: event.agency ?? null,
  document: event.document ?? null,
  delivery: event.delivery ?? null,
  detail: event.detail ?? {},
})
