import type { EventFacts } from '../audit/record-events.ts'
import type { AuditEventKind } from '../domain/audit-event.ts'
import type { BusinessOperation } from '../domain/business-operation.ts'
import type { AffectedDelivery, Effects } from '../domain/effects.ts'
import type { SealedDocument } from './submission.ts'

const ASKED: Record<BusinessOperation, AuditEventKind> = {
  // A new document speaks of no earlier delivery; a status that takes back counts as a recall.
  new: 'recall-requested',
  recall: 'recall-requested',
  update: 'update-requested',
  replace: 'replace-requested',
}

/** What a packet did to each earlier delivery, as events of that delivery. */
export function effectEvents(document: SealedDocument, effects: Effects): EventFacts[] {
  const { envelope } = document
  const operation = envelope.kind === 'document' ? envelope.business.operation : 'recall'
  const reason = envelope.kind === 'document' ? envelope.business.reason : envelope.description
  const event =
    (kind: AuditEventKind) =>
    (delivery: AffectedDelivery): EventFacts => ({
      kind,
      actor: document.caller.clientId,
      agency: delivery.recipient,
      document: delivery.document,
      delivery: delivery.key,
      detail: { by: document.key, operation, reason: reason ?? null },
    })
  const inPart = (delivery: AffectedDelivery): EventFacts => {
    const { detail, ...facts } = event('delivery-withdrawn-in-part')(delivery)
    return { ...facts, detail: { ...detail, ...delivery.names } }
  }
  return [
    ...effects.withdraw.map(event('delivery-withdrawn')),
    ...effects.withdrawInPart.map(inPart),
    ...effects.stop.map(event('delivery-stopped')),
    ...effects.ask.map(event(ASKED[operation])),
  ]
}
