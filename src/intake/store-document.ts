import { type EventFacts, writeEvents } from '../audit/record-events.ts'
import { insertDeliveries, openRequests, withdrawDeliveries } from '../db/deliveries.ts'
import { findSenders } from '../db/document-references.ts'
import { writeAttachments, writeDocument, writeTargets } from '../db/documents.ts'
import { lockExchange } from '../db/exchange-lock.ts'
import { type EarlierHandIn, lockHandIns } from '../db/hand-ins.ts'
import { writeRoutes } from '../db/in-flight-moves.ts'
import { databaseNow } from '../db/now.ts'
import type { Transaction } from '../db/pool.ts'
import { writeSealDue } from '../db/seal-dues.ts'
import { writeEvidence } from '../db/signature-evidence.ts'
import { inOpenedTransaction } from '../db/transaction.ts'
import { type Writing, writeTogether } from '../db/write-together.ts'
import { type Effects, planEffects } from '../domain/effects.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { urgencyOf } from '../domain/urgency.ts'
import { signReceipt } from '../signature/receipt-jws.ts'
import { evidenceItems } from '../signature/validation/evidence-items.ts'
import { passStep } from '../step.ts'
import { applyStatus } from './apply-status.ts'
import { stopReason } from './behind-stopped.ts'
import { cameBy, documentRecord } from './document-record.ts'
import { earlierAnswer, keepIdempotencyKey } from './earlier-answer.ts'
import { effectEvents } from './effect-events.ts'
import { effectWarnings, routesInPart } from './effects-in-part.ts'
import { emittedBySender, findReferences, findScopes, partiesOfStatus } from './find-scopes.ts'
import { lockAffected } from './lock-affected.ts'
import { planDeliveries, reachOf } from './plan-deliveries.ts'
import { receiptClaims } from './receipt-claims.ts'
import type { Scope } from './reference.ts'
import { withoutRepeats } from './repeats.ts'
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
  passStep('accept-durable')
  const accepted = await inOpenedTransaction(
    dependencies.pool,
    (db) => lockHandIns(db, { ...document, sender: document.sender.code }),
    (db, handIns) => store(db, dependencies, document, handIns),
    { durable: true },
  )
  passStep('accept-committed')
  dependencies.wakeRelay()
  return accepted
}

async function store(
  db: Transaction,
  { receiptKeyAt, timestamping, usable }: IntakeDependencies,
  document: SealedDocument,
  handIns: readonly EarlierHandIn[],
): Promise<AcceptedDocument> {
  const { scopes, acceptedAt } = await lookUnderLock(db, document)
  const planned = await plan(db, document, scopes)
  const { effects, answeredBy } = await withoutRepeats(db, document, planned, handIns)
  if (answeredBy !== null) return earlierAnswer(db, document, answeredBy)
  const deliveries = planDeliveries(usable, document, effects, acceptedAt)
  const claims = receiptClaims(document, acceptedAt, effects, deliveries)
  const receipt = await signReceipt(claims, receiptKeyAt(acceptedAt))
  const feed = deliveries.length > CIRCULAR ? 'later' : 'now'
  // One after the other on the connection, and nobody waits in between.
  const [[added]] = await Promise.all([
    writeTogether(db, [
      writeDocument(documentRecord(document, acceptedAt, receipt)),
      writeSealDue(document.key, { acceptedAt, owed: timestamping !== null }),
      ...belongings(document, scopes),
      writeEvents([acceptance(document, effects), ...effectEvents(document, effects)]),
    ]),
    insertDeliveries(db, document.key, documentUrgency(document), deliveries, feed),
    keepIdempotencyKey(db, document, document.key),
  ])
  if (added !== 1) throw new Error('hand-ins of one submission are in order, and this one came twice')
  await applyEffects(db, document, scopes, effects)
  passStep('accept-written')
  return { receipt, claims, warnings: [...document.warnings, ...effectWarnings(effects)], replayed: false }
}

/** From here on deliveries are fed to the queue in batches: a circular would hold up what is urgent. */
const CIRCULAR = 200
/** An event is a line for people; the receipt names everybody. */
const NAMED_IN_EVENT = 100

/** What a document has besides itself. */
function belongings(document: SealedDocument, scopes: readonly Scope[]): Writing[] {
  const attachments = attachmentsOf(document.envelope)
  const targets = [...new Set(scopes.flatMap((scope) => scope.documents))]
  return [
    ...(attachments.length > 0 ? [writeAttachments(document.key, attachments)] : []),
    ...(targets.length > 0 ? [writeTargets(document.key, targets)] : []),
    ...writeEvidence(document.key, evidenceItems(document.evidence)),
  ]
}

const acceptance = (document: SealedDocument, effects: Effects): EventFacts => ({
  kind: 'submission-accepted',
  actor: document.caller.clientId,
  agency: document.sender.code,
  document: document.key,
  detail: acceptanceDetail(document, effects),
})

const acceptanceDetail = (document: SealedDocument, { recipients }: Effects) => ({
  recipients: recipients.slice(0, NAMED_IN_EVENT),
  recipientCount: recipients.length,
  ...(document.expansions.length > 0 && {
    groups: document.expansions.map(({ group, name }) => ({ code: group, name })),
  }),
  ...(document.hops.length > 0 && { hops: document.hops }),
  ...(cameBy(document) !== null && { cameBy: cameBy(document) }),
  legalValue: document.legalValue,
})

const documentUrgency = ({ envelope }: SealedDocument) =>
  urgencyOf(envelope.kind === 'document' ? envelope.priority : undefined)

interface Look {
  readonly scopes: readonly Scope[]
  readonly acceptedAt: Date
}

/**
 * Finds what the packet speaks of once nobody else can be adding a version of it. The time of acceptance is read under
 * the lock too, so that it orders versions as they became known.
 */
async function lookUnderLock(db: Transaction, document: SealedDocument): Promise<Look> {
  const { envelope, sender, now, references } = document
  if (envelope.kind === 'document' && envelope.business.operation === 'new')
    return { scopes: [], acceptedAt: now }
  const authors = await findSenders(
    db,
    references.flatMap(({ documents }) => documents),
  )
  if (envelope.kind === 'document') await lockExchange(db, [sender.code, ...authors], 'change')
  else {
    const author = partiesOfStatus(document, envelope)?.author ?? sender.code
    await lockExchange(db, [author, ...authors], emittedBySender(envelope.statusCode) ? 'change' : 'report')
  }
  const scopes = await findScopes(db, document, await findReferences(db, document))
  return { scopes, acceptedAt: await databaseNow(db) }
}

/**
 * Decides with the affected deliveries locked, so that "not handed over" is still true when it is written. A packet
 * that speaks of nothing known here is passed on to everybody whom it names.
 */
async function plan(db: Transaction, document: SealedDocument, scopes: readonly Scope[]): Promise<Effects> {
  const { envelope, removed } = document
  const reached = reachOf(document)
  const to = document.to.map(({ agency }) => agency.code)
  const way = { to, removed, reach: (code: AgencyCode) => reached(code)?.agency.code ?? null }
  const takesBack = envelope.kind === 'document' || emittedBySender(envelope.statusCode)
  if (!takesBack || scopes.length === 0) return planEffects('new', way, [])
  const affected = await lockAffected(db, document, scopes)
  const operation = envelope.kind === 'document' ? envelope.business.operation : 'recall'
  return planEffects(operation, way, affected)
}

async function applyEffects(
  db: Transaction,
  document: SealedDocument,
  scopes: readonly Scope[],
  effects: Effects,
): Promise<void> {
  const keys = effects.withdraw.map((delivery) => delivery.key)
  const withdrawn = await withdrawDeliveries(db, keys, { by: document.key })
  const stopped = await withdrawDeliveries(
    db,
    effects.stop.map((delivery) => delivery.key),
    stopReason(document.key),
  )
  if (withdrawn + stopped !== keys.length + effects.stop.length)
    throw new Error(
      `${keys.length + effects.stop.length} deliveries were locked, ${withdrawn + stopped} withdrawn`,
    )
  await writeRoutes(db, routesInPart(document.key, effects))
  await openRequests(
    db,
    effects.ask.map((delivery) => delivery.key),
  )
  if (document.envelope.kind === 'status') await applyStatus(db, document, document.envelope, scopes)
}
