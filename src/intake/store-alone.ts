import { openRequests, withdrawDeliveries } from '../db/deliveries.ts'
import { findSenders } from '../db/document-references.ts'
import { lockExchange } from '../db/exchange-lock.ts'
import { type EarlierHandIn, lockHandIns } from '../db/hand-ins.ts'
import { writeRoutes } from '../db/in-flight-moves.ts'
import { databaseNow } from '../db/now.ts'
import type { Transaction } from '../db/pool.ts'
import type { SmallBlob } from '../db/small-blobs.ts'
import { inOpenedTransaction } from '../db/transaction.ts'
import { type Effects, planEffects } from '../domain/effects.ts'
import { GatewayError } from '../domain/problem.ts'
import { passStep } from '../step.ts'
import { acceptedDocument, planAcceptance, writeAcceptances } from './acceptance.ts'
import { applyStatus } from './apply-status.ts'
import { stopReason } from './behind-stopped.ts'
import { earlierAnswer, handInKeys } from './earlier-answer.ts'
import { routesInPart } from './effects-in-part.ts'
import { emittedBySender, findReferences, findScopes, partiesOfStatus } from './find-scopes.ts'
import { lockAffected } from './lock-affected.ts'
import type { Scope } from './reference.ts'
import { withoutRepeats } from './repeats.ts'
import type { AcceptedDocument, IntakeDependencies, SealedDocument } from './submission.ts'
import { wayOf } from './way-of.ts'

/**
 * Milliseconds for which it may stand still between two statements. Not as brief as others: the receipt is signed in between,
 * and a busy token, or a thread pool with a queue, takes seconds for that. Nor for as long as any: the locks of a process that
 * is frozen here keep from their agency what speaks of its documents.
 */
const IDLE_TIMEOUT_MS = 20_000

/**
 * One transaction with the document, its deliveries, what it does to earlier ones, the outbox, the events and the
 * idempotency key. The receipt is signed inside, for only under lock is it certain what is withdrawn. A submission that
 * lost a race against its own twin gets the twin's answer.
 */
export const storeAlone = (
  dependencies: IntakeDependencies,
  document: SealedDocument,
  blobs: readonly SmallBlob[],
): Promise<AcceptedDocument> =>
  inOpenedTransaction(
    dependencies.pool,
    (db) => lockHandIns(db, [handInKeys(document)]),
    (db, [handIns = []]) => store(db, dependencies, document, { blobs, handIns }),
    { durable: true, idleTimeoutMs: IDLE_TIMEOUT_MS },
  )

interface Found {
  readonly blobs: readonly SmallBlob[]
  readonly handIns: readonly EarlierHandIn[]
}

async function store(
  db: Transaction,
  dependencies: IntakeDependencies,
  document: SealedDocument,
  { blobs, handIns }: Found,
): Promise<AcceptedDocument> {
  const { scopes, acceptedAt } = await lookUnderLock(db, document)
  const planned = await plan(db, document, scopes)
  const { effects, answeredBy } = await withoutRepeats(db, document, planned, handIns)
  if (answeredBy !== null) return earlierAnswer(db, document, answeredBy)
  const acceptance = await planAcceptance(dependencies, document, { scopes, effects, acceptedAt })
  const { areKeysFree } = await writeAcceptances(db, [acceptance], acceptance.evidence, blobs)
  if (!areKeysFree) throw new GatewayError('idempotency-key-reused')
  await applyEffects(db, document, scopes, effects)
  passStep('accept-written')
  return acceptedDocument(acceptance)
}

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
  const { envelope } = document
  const way = wayOf(document)
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
