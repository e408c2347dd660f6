import { listAttempts } from '../db/attempts.ts'
import { listDocumentEvents } from '../db/audit-events.ts'
import { type DeliveryRecord, listDeliveries } from '../db/deliveries.ts'
import type { Pool } from '../db/pool.ts'
import { listStatusReports, type StatusReport } from '../db/status-reports.ts'
import { AUDIT_EVENTS, type AuditEventKind } from '../domain/audit-event.ts'
import type { Bilingual } from '../domain/bilingual.ts'
import { type DocumentState, documentStateOf } from '../domain/document-state.ts'
import type { DocumentKey } from '../domain/identifiers.ts'

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

/** What happened to a document, for each of its recipients, oldest first. */
export async function documentTimeline(pool: Pool, document: DocumentKey): Promise<DocumentTimeline> {
  const deliveries = await listDeliveries(pool, document)
  const events = await listDocumentEvents(pool, document)
  const recipients = await Promise.all(
    deliveries.map(async (delivery) => ({
      delivery,
      entries: events
        .filter((event) => event.delivery === null || event.delivery === delivery.key)
        .map(({ at, kind, detail }) => ({ at, kind, label: AUDIT_EVENTS[kind], detail })),
      statuses: await listStatusReports(pool, delivery.key),
      attempts: (await listAttempts(pool, delivery.key)).length,
    })),
  )
  return { state: documentStateOf(deliveries.map((delivery) => delivery.state)), recipients }
}
