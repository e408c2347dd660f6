import type { AuditEventRecord } from '../db/audit-events.ts'
import type { DeliveryRecord } from '../db/deliveries.ts'
import { listEventsOf, listStatusReportsOf } from '../db/delivery-history.ts'
import type { Pool } from '../db/pool.ts'
import type { DeliveryPosition } from '../db/sent-documents.ts'
import type { StatusReport } from '../db/status-reports.ts'
import { AUDIT_EVENTS, type AuditEventKind } from '../domain/audit-event.ts'
import type { Bilingual } from '../domain/bilingual.ts'
import type { DocumentState } from '../domain/document-state.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import { documentDeliveries } from './own-documents.ts'

export interface TimelineEntry {
  readonly at: Date
  readonly kind: AuditEventKind
  readonly label: Bilingual
  readonly detail: Record<string, unknown>
}

export interface RecipientTimeline {
  readonly delivery: DeliveryRecord
  readonly entries: readonly TimelineEntry[]
  readonly statuses: readonly StatusReport[]
  readonly attempts: number
}

export interface DocumentTimeline {
  readonly state: DocumentState
  readonly recipients: readonly RecipientTimeline[]
}

/** What the gateway's own staff did with a document is not for its parties. */
const NOT_FOR_PARTIES: ReadonlySet<AuditEventKind> = new Set(['export-made'])

/**
 * What happened to a document, for one page of its deliveries, oldest first.
 * @param after the delivery that the page before ended with
 */
export async function documentTimeline(
  pool: Pool,
  document: DocumentKey,
  after: DeliveryPosition | null = null,
  limit = 500,
): Promise<DocumentTimeline> {
  const { state, deliveries } = await documentDeliveries(pool, document, after, limit)
  const keys = deliveries.map((delivery) => delivery.key)
  const [events, reports] = await Promise.all([
    listEventsOf(pool, document, keys),
    listStatusReportsOf(pool, keys),
  ])
  const entries = groupByDelivery(events)
  const ofAll = entries.get(null) ?? []
  const recipients = deliveries.map((delivery) => ({
    delivery,
    entries: [...ofAll, ...(entries.get(delivery.key) ?? [])].sort((a, b) => a.at.getTime() - b.at.getTime()),
    statuses: reports.get(delivery.key) ?? [],
    attempts: delivery.attempts,
  }))
  return { state, recipients }
}

/** Entries by delivery; those of the document as a whole under null. */
function groupByDelivery(events: readonly AuditEventRecord[]): Map<string | null, TimelineEntry[]> {
  const groups = new Map<string | null, TimelineEntry[]>()
  for (const { at, kind, detail, delivery } of events) {
    if (NOT_FOR_PARTIES.has(kind)) continue
    const entry = { at, kind, label: AUDIT_EVENTS[kind], detail }
    const group = groups.get(delivery)
    if (group === undefined) groups.set(delivery, [entry])
    else group.push(entry)
  }
  return groups
}
