import { recordEvents } from '../audit/record-events.ts'
import { insertDeliveries, lockDeliveries, openRequests, withdrawDeliveries } from '../db/deliveries.ts'
import { insertAttachments, insertDocument, insertTargets } from '../db/documents.ts'
import { insertIdempotencyKey } from '../db/idempotency-keys.ts'
import type { Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import { type AffectedDelivery, type Effects, planEffects } from '../domain/effects.ts'
import { newDeliveryKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import type { AcceptanceReceipt } from '../domain/receipt.ts'
import { urgencyOf } from '../domain/urgency.ts'
import { signReceipt } from '../signature/receipt-jws.ts'
import { applyStatus } from './apply-status.ts'
import { documentRecord } from './document-record.ts'
import { findEarlierAnswer } from './earlier-answer.ts'
import { effectEvents } from './effect-events.ts'
import { emittedBySender } from './find-scopes.ts'
import {
  type AcceptedDocument,
  attachmentsOf,
  type IntakeDependencies,
  type SealedDocument,
} from './submission.ts'

/**
 * Makes the document durable: bytes first, then one transaction with the document, its deliveries, what it does to
 * earlier ones, the outbox, the events and the idempotency key. The receipt is signed inside, for only under lock is
 * it certain what is withdrawn. A submission that lost a race against its own twin gets the twin's answer.
 */
export async function storeDocument(
  dependencies: IntakeDependencies,
  document: SealedDocument,
): Promise<AcceptedDocument> {
  await document.stage.commit()
  const accepted = await inTransaction(dependencies.pool, (db) => store(db, dependencies, document))
  dependencies.wakeRelay()
  return accepted
}

async function store(
  db: Transaction,
  { receiptKey }: IntakeDependencies,
  document: SealedDocument,
): Promise<AcceptedDocument> {
  const effects = await planUnderLock(db, document)
  const deliveries = effects.recipients.map((code) => {
    const routed = document.routes.get(code)
    if (routed === undefined) throw new Error(`no route was resolved for ${code}`)
    const { channel, explanation } = routed.route
    return { key: newDeliveryKey(), recipient: code, tier: routed.agency.tier, channel, route: explanation }
  })
  const claims = receiptClaims(document, effects, deliveries)
  const receipt = await signReceipt(claims, receiptKey)
  const added = await insertDocument(db, documentRecord(document, receipt))
  if (!added) return answerOfTwin(db, document)
  await insertAttachments(db, document.key, attachmentsOf(document.envelope))
  await insertTargets(db, document.key, [...new Set(document.scopes.flatMap((scope) => scope.documents))])
  await insertDeliveries(db, document.key, documentUrgency(document), deliveries)
  await applyEffects(db, document, effects)
  await recordEvents(db, [
    {
      kind: 'submission-accepted',
      actor: document.caller.clientId,
      agency: document.sender.code,
      document: document.key,
      detail: { recipients: effects.recipients, legalValue: document.legalValue },
    },
    ...effectEvents(document, effects),
  ])
  await keepIdempotencyKey(db, document)
  return { receipt, claims, warnings: document.warnings, replayed: false }
}

const documentUrgency = ({ envelope }: SealedDocument) =>
  urgencyOf(envelope.kind === 'document' ? envelope.priority : undefined)

/**
 * Decides with the affected deliveries locked, so that "not handed over" is still true when it is written. A packet
 * that speaks of nothing known here is passed on like a new one.
 */
async function planUnderLock(db: Transaction, document: SealedDocument): Promise<Effects> {
  const { envelope, scopes, to } = document
  const takesBack = envelope.kind === 'document' || emittedBySender(envelope.statusCode)
  if (!takesBack || scopes.length === 0) return planEffects('new', to, [])
  const affected: AffectedDelivery[] = []
  for (const scope of scopes) affected.push(...(await lockDeliveries(db, scope.documents, scope.recipients)))
  return planEffects(envelope.kind === 'document' ? envelope.business.operation : 'recall', to, affected)
}

async function applyEffects(db: Transaction, document: SealedDocument, effects: Effects): Promise<void> {
  const keys = effects.withdraw.map((delivery) => delivery.key)
  const withdrawn = await withdrawDeliveries(db, keys, { by: document.key })
  if (withdrawn !== keys.length)
    throw new Error(`${keys.length} deliveries were locked, ${withdrawn} withdrawn`)
  await openRequests(
    db,
    effects.ask.map((delivery) => delivery.key),
  )
  if (document.envelope.kind === 'status') await applyStatus(db, document, document.envelope)
}

function receiptClaims(
  document: SealedDocument,
  effects: Effects,
  deliveries: readonly { key: AffectedDelivery['key']; recipient: AffectedDelivery['recipient'] }[],
): AcceptanceReceipt {
  const brief = (list: typeof deliveries) =>
    list.map(({ key, recipient }) => ({ agency: recipient, delivery: key }))
  return {
    event: 'SubmissionAcceptance',
    document: document.key,
    edxmlDocumentId: (document.envelope.kind === 'document' && document.envelope.documentId) || null,
    sender: document.sender.code,
    recipients: brief(deliveries),
    withdrawn: brief(effects.withdraw),
    asked: brief(effects.ask),
    packetSha256: document.packet.sha256,
    packetLength: document.packet.length,
    attachments: attachmentsOf(document.envelope).map(({ contentId, name, sha256 }) => ({
      contentId,
      name,
      sha256,
    })),
    envelopeSignature: document.report.envelope,
    legalValue: document.legalValue,
    acceptedAt: document.now.toISOString(),
  }
}

async function answerOfTwin(db: Transaction, document: SealedDocument): Promise<AcceptedDocument> {
  const answer = await findEarlierAnswer(db, document)
  if (answer === undefined) throw new Error('a submission was there and is gone: documents are never removed')
  return answer
}

async function keepIdempotencyKey(db: Transaction, document: SealedDocument): Promise<void> {
  if (document.idempotencyKey === undefined) return
  const record = { fingerprint: document.packet.sha256, document: document.key }
  const kept = await insertIdempotencyKey(db, document.caller.clientId, document.idempotencyKey, record)
  if (!kept) throw new GatewayError('idempotency-key-reused')
}
