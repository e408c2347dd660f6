import { recordEvents } from '../audit/record-events.ts'
import { type DeliveryRecord, lockDeliveries, setStatuses } from '../db/deliveries.ts'
import { markArrived } from '../db/handed-on.ts'
import type { Transaction } from '../db/pool.ts'
import { insertStatusReport } from '../db/status-reports.ts'
import type { StatusEnvelope } from '../domain/envelope.ts'
import { GatewayError } from '../domain/problem.ts'
import { requestStateAfter } from '../domain/request-state.ts'
import { processingStatusAfter } from '../domain/status-code.ts'
import { emittedBySender } from './find-scopes.ts'
import type { Scope } from './reference.ts'
import type { SealedDocument } from './submission.ts'

/**
 * Puts a status on record at the delivery that it reports on. Statuses come late, repeated and in any order; the
 * rules decide what each changes. A status on a document that never came this way changes nothing here.
 * @throws GatewayError `target-not-yours` where the document came this way, but not between these two
 */
export async function applyStatus(
  db: Transaction,
  document: SealedDocument,
  status: StatusEnvelope,
  scopes: readonly Scope[],
): Promise<void> {
  for (const scope of scopes) {
    const deliveries = latestOfEach(await lockDeliveries(db, scope.deliveries), scope.documents)
    if (deliveries.length === 0) throw new GatewayError('target-not-yours')
    for (const delivery of deliveries) await applyTo(db, document, status, delivery)
  }
}

async function applyTo(
  db: Transaction,
  document: SealedDocument,
  status: StatusEnvelope,
  delivery: DeliveryRecord,
): Promise<void> {
  const { statusCode } = status
  await setStatuses(
    db,
    delivery.key,
    processingStatusAfter(delivery.processingStatus, statusCode),
    requestStateAfter(delivery.requestState, statusCode),
  )
  await insertStatusReport(db, delivery.key, {
    document: document.key,
    code: statusCode,
    description: status.description ?? null,
    staff: status.staff ?? null,
    reportedAt: status.timestamp ?? null,
  })
  const arrived = !emittedBySender(statusCode) && (await markArrived(db, delivery.key))
  const about = {
    actor: document.caller.clientId,
    agency: document.sender.code,
    document: delivery.document,
    delivery: delivery.key,
  }
  await recordEvents(db, [
    {
      ...about,
      kind: 'status-received',
      detail: { code: statusCode, description: status.description ?? null, by: document.key },
    },
    // Who reports on what went to it by another exchange has it.
    ...(arrived ? [{ ...about, kind: 'delivery-acknowledged' as const, detail: { by: document.key } }] : []),
  ])
}

/** Of each recipient: several have become the agency that reports for all of them. */
function latestOfEach(
  deliveries: readonly DeliveryRecord[],
  documents: readonly DeliveryRecord['document'][],
): DeliveryRecord[] {
  const recipients = [...new Set(deliveries.map(({ recipient }) => recipient))]
  return recipients.flatMap((code) => {
    const own = deliveries.filter(({ recipient }) => recipient === code)
    return latestVersion(own, documents) ?? []
  })
}

/** What the recipient holds: the latest version that was not withdrawn. `documents` are in the order of acceptance. */
function latestVersion(
  deliveries: readonly DeliveryRecord[],
  documents: readonly DeliveryRecord['document'][],
): DeliveryRecord | undefined {
  const byAge = [...deliveries].sort((a, b) => documents.indexOf(b.document) - documents.indexOf(a.document))
  return byAge.find((delivery) => delivery.state !== 'withdrawn') ?? byAge[0]
}
