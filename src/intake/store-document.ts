import { recordEvents } from '../audit/record-events.ts'
import {
  type DeliveryScope,
  insertDeliveries,
  lockDeliveries,
  openRequests,
  withdrawDeliveries,
} from '../db/deliveries.ts'
import { insertAttachments, insertDocument, insertTargets } from '../db/documents.ts'
import { lockExchange } from '../db/exchange-lock.ts'
import { databaseNow } from '../db/now.ts'
import type { Transaction } from '../db/pool.ts'
import { insertSealDue } from '../db/seal-dues.ts'
import { insertEvidence } from '../db/signature-evidence.ts'
import { inTransaction } from '../db/transaction.ts'
import { type AffectedDelivery, type Effects, planEffects } from '../domain/effects.ts'
import type { Fault } from '../domain/fault.ts'
import { type AgencyCode, newDeliveryKey } from '../domain/identifiers.ts'
import type { AcceptanceReceipt } from '../domain/receipt.ts'
import { urgencyOf } from '../domain/urgency.ts'
import { signReceipt } from '../signature/receipt-jws.ts'
import { evidenceItems } from '../signature/validation/evidence-items.ts'
import { applyStatus } from './apply-status.ts'
import { documentRecord } from './document-record.ts'
import { findEarlierAnswer, keepIdempotencyKey } from './earlier-answer.ts'
import { effectEvents } from './effect-events.ts'
import { emittedBySender, findDocumentScopes, findStatusScope, partiesOfStatus } from './find-scopes.ts'
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
  const accepted = await inTransaction(dependencies.pool, (db) => store(db, dependencies, document), {
    durable: true,
  })
  dependencies.wakeRelay()
  return accepted
}

async function store(
  db: Transaction,
  { receiptKeyAt, timestamping }: IntakeDependencies,
  document: SealedDocument,
): Promise<AcceptedDocument> {
  const { scopes, acceptedAt } = await lookUnderLock(db, document)
  const effects = await plan(db, document, scopes)
  const deliveries = effects.recipients.map((code) => {
    const routed = document.routes.get(code)
    if (routed === undefined) throw new Error(`no route was resolved for ${code}`)
    const { channel, explanation } = routed.route
    return { key: newDeliveryKey(), recipient: code, tier: routed.agency.tier, channel, route: explanation }
  })
  const claims = receiptClaims(document, acceptedAt, effects, deliveries)
  const receipt = await signReceipt(claims, receiptKeyAt(acceptedAt))
  const added = await insertDocument(db, documentRecord(document, acceptedAt, receipt))
  if (!added) return answerOfTwin(db, document)
  await insertSealDue(db, document.key, { acceptedAt, owed: timestamping !== null })
  await insertAttachments(db, document.key, attachmentsOf(document.envelope))
  await insertTargets(db, document.key, [...new Set(scopes.flatMap((scope) => scope.documents))])
  await insertDeliveries(db, document.key, documentUrgency(document), deliveries)
  await applyEffects(db, document, scopes, effects)
  await insertEvidence(db, document.key, evidenceItems(document.evidence))
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
  await keepIdempotencyKey(db, document, document.key)
  return { receipt, claims, warnings: [...document.warnings, ...untoldWarnings(effects)], replayed: false }
}

const documentUrgency = ({ envelope }: SealedDocument) =>
  urgencyOf(envelope.kind === 'document' ? envelope.priority : undefined)

interface Look {
  readonly scopes: readonly DeliveryScope[]
  readonly acceptedAt: Date
}

/**
 * Finds what the packet speaks of once nobody else can be adding a version of it. The time of acceptance is read under
 * the lock too, so that it orders versions as they became known.
 */
async function lookUnderLock(db: Transaction, document: SealedDocument): Promise<Look> {
  const { envelope, sender, now } = document
  if (envelope.kind === 'document') {
    if (envelope.business.operation === 'new') return { scopes: [], acceptedAt: now }
    await lockExchange(db, sender.code, 'change')
    return { scopes: await findDocumentScopes(db, document, envelope), acceptedAt: await databaseNow(db) }
  }
  const author = partiesOfStatus(document, envelope)?.author ?? sender.code
  await lockExchange(db, author, emittedBySender(envelope.statusCode) ? 'change' : 'report')
  return { scopes: await findStatusScope(db, document, envelope), acceptedAt: await databaseNow(db) }
}

/**
 * Decides with the affected deliveries locked, so that "not handed over" is still true when it is written. A packet
 * that speaks of nothing known here is passed on to everybody whom it names.
 */
async function plan(
  db: Transaction,
  document: SealedDocument,
  scopes: readonly DeliveryScope[],
): Promise<Effects> {
  const { envelope, to, removed, routes } = document
  const isReachable = (agency: AgencyCode) => routes.has(agency)
  const takesBack = envelope.kind === 'document' || emittedBySender(envelope.statusCode)
  if (!takesBack || scopes.length === 0) return planEffects('new', { to, removed, isReachable }, [])
  const affected = await lockDeliveries(db, scopes)
  const operation = envelope.kind === 'document' ? envelope.business.operation : 'recall'
  return planEffects(operation, { to, removed, isReachable }, affected)
}

async function applyEffects(
  db: Transaction,
  document: SealedDocument,
  scopes: readonly DeliveryScope[],
  effects: Effects,
): Promise<void> {
  const keys = effects.withdraw.map((delivery) => delivery.key)
  const withdrawn = await withdrawDeliveries(db, keys, { by: document.key })
  if (withdrawn !== keys.length)
    throw new Error(`${keys.length} deliveries were locked, ${withdrawn} withdrawn`)
  await openRequests(
    db,
    effects.ask.map((delivery) => delivery.key),
  )
  if (document.envelope.kind === 'status') await applyStatus(db, document, document.envelope, scopes)
}

function receiptClaims(
  document: SealedDocument,
  acceptedAt: Date,
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
    acceptedAt: acceptedAt.toISOString(),
  }
}

async function answerOfTwin(db: Transaction, document: SealedDocument): Promise<AcceptedDocument> {
  const answer = await findEarlierAnswer(db, document)
  if (answer === undefined) throw new Error('a submission was there and is gone: documents are never removed')
  return answer
}

/** A replacement that is not addressed to all who hold the old document leaves some with it, and says nothing to them. */
const untoldWarnings = ({ untold }: Effects): Fault[] =>
  untold.map((agency) => ({
    code: 'holder-not-told',
    severity: 'warning',
    path: '//MessageHeader/To',
    found: agency,
    hint: {
      vi: `${agency} đang giữ văn bản cũ nhưng không nhận được gói tin này: không có tên trong nơi nhận hoặc đã đóng.`,
      en: `${agency} holds the old document and is not told: it is not addressed, or it has closed.`,
    },
  }))
