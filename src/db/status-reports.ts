import type { StaffInfo } from '../domain/envelope.ts'
import { type DeliveryKey, type DocumentKey, uuidv7 } from '../domain/identifiers.ts'
import type { Transaction } from './pool.ts'

export interface StatusReport {
  readonly document: DocumentKey
  readonly code: string
  readonly description: string | null
  readonly staff: StaffInfo | null
  /** As the reporting system wrote it (`yyyy/MM/dd HH:mm:ss`, Vietnam time). */
  readonly reportedAt: string | null
  readonly receivedAt: Date
}

export async function insertStatusReport(
  db: Transaction,
  delivery: DeliveryKey,
  report: Omit<StatusReport, 'receivedAt'>,
): Promise<void> {
  await db.query(
    `insert into status_report (id, delivery_id, document_id, code, description, staff, reported_at)
      values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      uuidv7(),
      delivery,
      report.document,
      report.code,
      report.description,
      report.staff === null ? null : JSON.stringify(report.staff),
      report.reportedAt,
    ],
  )
}
