import { type EventFacts, writeEvents } from '../audit/record-events.ts'
import { writeIdempotencyKeys } from '../db/idempotency-keys.ts'
import type { Transaction } from '../db/pool.ts'
import { writeSealDues } from '../db/seal-dues.ts'
import { writeDocumentEvidence, writeEvidence } from '../db/signature-evidence.ts'
import { type SmallBlob, writeSmallBlobs } from '../db/small-blobs.ts'
import { type DeliveriesOf, inChunks, writeDeliveries } from '../db/write-deliveries.ts'
import { writeAttachments, writeDocuments, writeTargets } from '../db/write-documents.ts'
import { type Writing, writeTogether } from '../db/write-together.ts'
import type { Effects } from '../domain/effects.ts'
import type { EvidenceItem } from '../domain/evidence-item.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import type { AcceptanceReceipt } from '../domain/receipt.ts'
import { urgencyOf } from '../domain/urgency.ts'
import { signReceipt } from '../signature/receipt-jws.ts'
import { evidenceItems } from '../signature/validation/evidence-items.ts'
import { cameBy, documentRecord } from './document-record.ts'
import { idempotencyKeys } from './earlier-answer.ts'
import { effectEvents } from './effect-events.ts'
import { effectWarnings } from './effects-in-part.ts'
import { planDeliveries } from './plan-deliveries.ts'
import { receiptClaims } from './receipt-claims.ts'
import type { Scope } from './reference.ts'
import {
  type AcceptedDocument,
  attachmentsOf,
  type IntakeDependencies,
  type SealedDocument,
} from './submission.ts'

/** A document with all that its acceptance consists of, ready to be written. */
export interface Acceptance {
  readonly document: SealedDocument
  readonly effects: Effects
  readonly acceptedAt: Date
  readonly claims: AcceptanceReceipt
  readonly receipt: string
  readonly deliveries: DeliveriesOf
  /** The documents that it speaks of. */
  readonly targets: readonly DocumentKey[]
  readonly evidence: readonly EvidenceItem[]
  /** Since when a timestamp is owed to its seal; null where none is. */
  readonly sealOwedSince: Date | null
}

/** From here on deliveries are fed to the queue in batches: a circular would hold up what is urgent. */
const CIRCULAR = 200
/** An event is a line for people; the receipt names everybody. */
const NAMED_IN_EVENT = 100

/** Plans the deliveries of a document whose effects are known, and signs its receipt. */
export async function planAcceptance(
  { usable, receiptKeyAt, timestamping }: IntakeDependencies,
  document: SealedDocument,
  { scopes, effects, acceptedAt }: { scopes: readonly Scope[]; effects: Effects; acceptedAt: Date },
): Promise<Acceptance> {
  const deliveries = planDeliveries(usable, document, effects, acceptedAt)
  const claims = receiptClaims(document, acceptedAt, effects, deliveries)
  const { key, envelope } = document
  return {
    document,
    effects,
    acceptedAt,
    claims,
    receipt: await signReceipt(claims, receiptKeyAt(acceptedAt)),
    deliveries: {
      document: key,
      kind: envelope.kind,
      urgency: urgencyOf(envelope.kind === 'document' ? envelope.priority : undefined),
      acceptedAt,
      deliveries,
      feed: isCircular(deliveries) ? 'later' : 'now',
    },
    targets: [...new Set(scopes.flatMap((scope) => scope.documents))],
    evidence: evidenceItems(document.evidence),
    sealOwedSince: timestamping === null ? null : acceptedAt,
  }
}

export const isCircular = (deliveries: readonly unknown[]): boolean => deliveries.length > CIRCULAR

export const acceptedDocument = ({ document, effects, receipt, claims }: Acceptance): AcceptedDocument => ({
  receipt,
  claims,
  warnings: [...document.warnings, ...effectWarnings(effects)],
  replayed: false,
})

export interface Written {
  /** Whether the Idempotency-Keys stand for these documents; otherwise some stand for others. */
  readonly areKeysFree: boolean
}

/**
 * Writes acceptances: in one statement, but for the later deliveries of circulars.
 * @param evidence what is to be kept of their evidence: all of it, but for what is known to be kept
 * @param blobs what the store keeps in the database
 * @throws Error where a submission is stored already: whoever writes has its lock, and has looked
 */
export async function writeAcceptances(
  db: Transaction,
  acceptances: readonly Acceptance[],
  evidence: readonly EvidenceItem[],
  blobs: readonly SmallBlob[],
): Promise<Written> {
  const keys = acceptances.flatMap(({ document }) => idempotencyKeys(document, document.key))
  const chunks = acceptances.map(({ deliveries }) => inChunks(deliveries))
  const [[documents, kept]] = await Promise.all([
    writeTogether(db, [
      writeDocuments(
        acceptances.map(({ document, acceptedAt, receipt }) => documentRecord(document, acceptedAt, receipt)),
      ),
      // Always there, so that its count has its place.
      writeIdempotencyKeys(keys),
      writeSealDues(
        acceptances.map(({ document, sealOwedSince }) => ({
          document: document.key,
          owedSince: sealOwedSince,
        })),
      ),
      writeEvents(acceptances.flatMap(eventsOf)),
      ...belongings(acceptances),
      ...(evidence.length > 0 ? [writeEvidence(evidence)] : []),
      ...(blobs.length > 0 ? [writeSmallBlobs(blobs)] : []),
      ...writeDeliveries(chunks.flatMap(([first]) => first ?? [])),
    ]),
    // One after the other on the connection, and nobody waits in between.
    ...chunks.flatMap(([, ...later]) => later.map((chunk) => writeTogether(db, writeDeliveries([chunk])))),
  ])
  if (documents !== acceptances.length)
    throw new Error('hand-ins of one submission are in order, and this one came twice')
  return { areKeysFree: kept === keys.length }
}

/** What documents have besides themselves, as far as some of them have it. */
function belongings(acceptances: readonly Acceptance[]): Writing[] {
  const of = <T>(items: (acceptance: Acceptance) => readonly T[]) =>
    acceptances.map((acceptance) => ({ document: acceptance.document.key, items: items(acceptance) }))
  const attachments = of(({ document }) => attachmentsOf(document.envelope))
  const targets = of((acceptance) => acceptance.targets)
  const evidence = of((acceptance) => acceptance.evidence)
  const isAny = (all: readonly { readonly items: readonly unknown[] }[]) =>
    all.some(({ items }) => items.length > 0)
  return [
    ...(isAny(attachments) ? [writeAttachments(attachments)] : []),
    ...(isAny(targets) ? [writeTargets(targets)] : []),
    ...(isAny(evidence) ? [writeDocumentEvidence(evidence)] : []),
  ]
}

const eventsOf = ({ document, effects }: Acceptance): EventFacts[] => [
  {
    kind: 'submission-accepted',
    actor: document.caller.clientId,
    agency: document.sender.code,
    document: document.key,
    detail: detailOf(document, effects),
  },
  ...effectEvents(document, effects),
]

const detailOf = (document: SealedDocument, { recipients }: Effects) => ({
  recipients: recipients.slice(0, NAMED_IN_EVENT),
  recipientCount: recipients.length,
  ...(document.expansions.length > 0 && {
    groups: document.expansions.map(({ group, name }) => ({ code: group, name })),
  }),
  ...(document.hops.length > 0 && { hops: document.hops }),
  ...(cameBy(document) !== null && { cameBy: cameBy(document) }),
  legalValue: document.legalValue,
})
