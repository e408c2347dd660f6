import { type DocumentRecord, findDocument, findSubmission } from '../db/documents.ts'
import { findIdempotencyKey, insertIdempotencyKey } from '../db/idempotency-keys.ts'
import type { Queryable } from '../db/pool.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { decodeReceipt } from '../signature/decode-receipt.ts'
import type { AcceptedDocument, IdentifiedDocument } from './submission.ts'

/**
 * The answer to a submission that was accepted before: the same receipt, however often and however late it is asked.
 * @throws GatewayError `document-id-conflict` where the same document id came with other bytes,
 *   `idempotency-key-reused` where the same key came with another packet
 */
export async function findEarlierAnswer(
  db: Queryable,
  document: IdentifiedDocument,
): Promise<AcceptedDocument | undefined> {
  const byKey = await findByIdempotencyKey(db, document)
  const earlier = byKey ?? (await findSubmission(db, document.sender.code, document.submissionKey))
  if (earlier === undefined) return undefined
  if (earlier.packetSha256 !== document.packet.sha256) throw documentIdConflict(earlier)
  if (byKey === undefined) await keepIdempotencyKey(db, document, earlier.key)
  return {
    receipt: earlier.receipt,
    claims: decodeReceipt(earlier.receipt),
    warnings: document.warnings,
    replayed: true,
  }
}

/**
 * Remembers which document a key stands for.
 * @throws GatewayError `idempotency-key-reused` where it has come to stand for another one in the meantime
 */
export async function keepIdempotencyKey(
  db: Queryable,
  { caller, idempotencyKey, packet }: IdentifiedDocument,
  document: DocumentKey,
): Promise<void> {
  if (idempotencyKey === undefined) return
  const record = { fingerprint: packet.sha256, document }
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
  if (known.fingerprint !== document.packet.sha256) throw new GatewayError('idempotency-key-reused')
  return findDocument(db, known.document)
}

const documentIdConflict = (earlier: DocumentRecord): GatewayError =>
  new GatewayError('document-id-conflict', {
    detail: {
      vi: `Mã ${earlier.edxmlDocumentId} đã được tiếp nhận lúc ${earlier.acceptedAt.toISOString()} với nội dung khác.`,
      en: `${earlier.edxmlDocumentId} was accepted at ${earlier.acceptedAt.toISOString()} with other bytes.`,
    },
  })
