import { type DocumentRecord, findDocument } from '../db/documents.ts'
import { gatherOn } from '../db/gather.ts'
import { type EarlierHandIn, type EarlierKeys, findEarlier, type HandInKeys } from '../db/hand-ins.ts'
import {
  findIdempotencyKey,
  type IdempotencyRecord,
  insertIdempotencyKey,
  type NewIdempotencyKey,
} from '../db/idempotency-keys.ts'
import type { Pool, Queryable } from '../db/pool.ts'
import { quickReads } from '../db/quick-reads.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { decodeReceipt } from '../signature/decode-receipt.ts'
import { partKey } from './handed-in.ts'
import type { AcceptedDocument, IdentifiedDocument } from './submission.ts'

const findTogether = gatherOn((pool, all: readonly EarlierKeys[]) => findEarlier(quickReads(pool), all), {
  most: 64,
  lanes: 1,
})

/**
 * The answer to a submission that was accepted before: the same receipt, however often and however late it is asked.
 * @throws GatewayError `document-id-conflict` where the same document id came with other bytes, also if it was handed in
 *   for others; `idempotency-key-reused` where the same key came with another packet
 */
export async function findEarlierAnswer(
  pool: Pool,
  document: IdentifiedDocument,
): Promise<AcceptedDocument | undefined> {
  const { byKey, handIns } = await findTogether(pool, {
    ...handInKeys(document),
    clientId: document.caller.clientId,
    idempotencyKey: document.idempotencyKey ?? null,
  })
  const keyed = byKey && (await requireSame(pool, document, byKey))
  if (keyed) return answerOf(document, keyed)
  refuseOtherBytes(document, handIns)
  const same = handIns.find(({ submissionKey }) => submissionKey === document.submissionKey)
  return same && earlierAnswer(pool, document, same.document)
}

/** What orders a submission with others of its packet. */
export const handInKeys = ({ sender, wholeKey, submissionKey }: IdentifiedDocument): HandInKeys => ({
  sender: sender.code,
  wholeKey,
  submissionKey,
})

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
async function keepIdempotencyKey(
  db: Queryable,
  submission: IdentifiedDocument,
  document: DocumentKey,
): Promise<void> {
  const keys = idempotencyKeys(submission, document)
  for (const key of keys) {
    if (await insertIdempotencyKey(db, key)) continue
    const known = await findIdempotencyKey(db, key.clientId, key.key)
    if (known?.document !== document) throw new GatewayError('idempotency-key-reused')
  }
}

/** The Idempotency-Key of a submission, as it stands for a document; none where it has none. */
export const idempotencyKeys = (
  submission: IdentifiedDocument,
  document: DocumentKey,
): NewIdempotencyKey[] =>
  submission.idempotencyKey === undefined
    ? []
    : [
        {
          clientId: submission.caller.clientId,
          key: submission.idempotencyKey,
          fingerprint: fingerprintOf(submission),
          document,
        },
      ]

/** The document that a client's key stands for. */
function requireSame(
  db: Queryable,
  document: IdentifiedDocument,
  known: IdempotencyRecord,
): Promise<DocumentRecord | undefined> {
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
