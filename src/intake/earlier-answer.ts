import { type DocumentRecord, findDocument } from '../db/documents.ts'
import { type EarlierHandIn, findHandIns } from '../db/hand-ins.ts'
import { findIdempotencyKey, insertIdempotencyKey } from '../db/idempotency-keys.ts'
import type { Queryable } from '../db/pool.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { decodeReceipt } from '../signature/decode-receipt.ts'
import { partKey } from './handed-in.ts'
import type { AcceptedDocument, IdentifiedDocument } from './submission.ts'

/**
 * The answer to a submission that was accepted before: the same receipt, however often and however late it is asked.
 * @throws GatewayError `document-id-conflict` where the same document id came with other bytes, also if it was handed in
 *   for others; `idempotency-key-reused` where the same key came with another packet
 */
export async function findEarlierAnswer(
  db: Queryable,
  document: IdentifiedDocument,
): Promise<AcceptedDocument | undefined> {
  const byKey = await findByIdempotencyKey(db, document)
  if (byKey !== undefined) return answerOf(document, byKey)
  const handIns = await findHandIns(db, { ...document, sender: document.sender.code })
  refuseOtherBytes(document, handIns)
  const same = handIns.find(({ submissionKey }) => submissionKey === document.submissionKey)
  return same && earlierAnswer(db, document, same.document)
}

/** @throws GatewayError `document-id-conflict` where the same document id came with other bytes */
export function refuseOtherBytes({ packet }: IdentifiedDocument, handIns: readonly EarlierHandIn[]): void {
  const other = handIns.find(({ packetSha256 }) => packetSha256 !== packet.sha256)
  if (other !== undefined) throw documentIdConflict(other)
}

/** The answer that a stored document was given, for a submission that brings nothing beyond it. */
export async function earlierAnswer(
  db: Queryable,
  document: IdentifiedDocument,
  key: DocumentKey,
): Promise<AcceptedDocument> {
  const earlier = await findDocument(db, key)
  if (earlier === undefined)
    throw new Error('a submission was there and is gone: documents are never removed')
  await keepIdempotencyKey(db, document, key)
  return answerOf(document, earlier)
}

const answerOf = ({ warnings }: IdentifiedDocument, { receipt }: DocumentRecord): AcceptedDocument => ({
  receipt,
  claims: decodeReceipt(receipt),
  warnings,
  replayed: true,
})

/**
 * Remembers which document a key stands for.
 * @throws GatewayError `idempotency-key-reused` where it has come to stand for another one in the meantime
 */
export async function keepIdempotencyKey(
  db: Queryable,
  submission: IdentifiedDocument,
  document: DocumentKey,
): Promise<void> {
  const { caller, idempotencyKey } = submission
  if (idempotencyKey === undefined) return
  const record = { fingerprint: fingerprintOf(submission), document }
  if (await insertIdempotencyKey(db, caller.clientId, idempotencyKey, record)) return
  const known = await findIdempotencyKey(db, caller.clientId, idempotencyKey)
  if (known?.document !== document) throw new GatewayError('idempotency-key-reused')
}

async function findByIdempotencyKey(
  db: Queryable,
  document: IdentifiedDocument,
): Promise<DocumentRecord | undefined> {
  if (document.idempotencyKey === undefined) return undefined
  const known = await findIdempotencyKey(db, document.caller.clientId, document.idempotencyKey)
  if (known === undefined) return undefined
  if (known.fingerprint !== fingerprintOf(document)) throw new GatewayError('idempotency-key-reused')
  return findDocument(db, known.document)
}

/** The same packet, handed in under the same names, whatever the directory says of them by now. */
const fingerprintOf = ({ packet, handedInFor }: IdentifiedDocument): string =>
  handedInFor === undefined ? packet.sha256 : partKey(packet.sha256, [...new Set(handedInFor)].sort())

const documentIdConflict = ({
  edxmlDocumentId,
  acceptedAt,
}: Pick<DocumentRecord, 'edxmlDocumentId' | 'acceptedAt'>): GatewayError =>
  new GatewayError('document-id-conflict', {
    detail: {
      vi: `Mã ${edxmlDocumentId} đã được tiếp nhận lúc ${acceptedAt.toISOString()} với nội dung khác.`,
      en: `${edxmlDocumentId} was accepted at ${acceptedAt.toISOString()} with other bytes.`,
    },
  })
