import {
  type AgencyCode,
  agencyCode,
  type DocumentKey,
  documentKey,
  type EdxmlDocumentId,
  type Sha256,
  sha256,
} from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

/** A submission in one hand-in of several, each for other recipients of its packet. */
export interface HandInKeys {
  readonly sender: AgencyCode
  /** Of the submission, whoever it is handed in for. */
  readonly wholeKey: string
  /** Of this hand-in: that of the whole where it is for everybody. */
  readonly submissionKey: string
}

export interface EarlierHandIn {
  readonly document: DocumentKey
  readonly submissionKey: string
  readonly edxmlDocumentId: EdxmlDocumentId | null
  readonly packetSha256: Sha256
  readonly acceptedAt: Date
}

/**
 * Earlier hand-ins of a submission: this very one first if it is there, the whole, and one of the others. All that are
 * stored have the same bytes, so that these tell whether others would be in conflict with them.
 */
export async function findHandIns(
  db: Queryable,
  { sender, wholeKey, submissionKey }: HandInKeys,
): Promise<EarlierHandIn[]> {
  const { rows } = await db.query<{
    id: string
    submission_key: string
    edxml_document_id: EdxmlDocumentId | null
    packet_sha256: string
    accepted_at: Date
  }>({
    name: 'find-hand-ins',
    text: `select id, submission_key, edxml_document_id, packet_sha256, accepted_at from (
        (select id, submission_key, edxml_document_id, packet_sha256, accepted_at from document
          where sender_code = $1 and submission_key = any(array[$2, $3]))
        union all
        (select id, submission_key, edxml_document_id, packet_sha256, accepted_at from document
          where sender_code = $1 and part_of = $2 limit 1)) as found
      order by submission_key = $3 desc`,
    values: [sender, wholeKey, submissionKey],
  })
  return rows.map((row) => ({
    document: documentKey(row.id),
    submissionKey: row.submission_key,
    edxmlDocumentId: row.edxml_document_id,
    packetSha256: sha256(row.packet_sha256),
    acceptedAt: row.accepted_at,
  }))
}

/** All documents that are hand-ins of one submission. */
export async function listHandIns(
  db: Queryable,
  { sender, wholeKey }: Omit<HandInKeys, 'submissionKey'>,
): Promise<DocumentKey[]> {
  const { rows } = await db.query<{ id: string }>({
    name: 'list-hand-ins',
    text: `select id from document where sender_code = $1 and submission_key = $2
      union all select id from document where sender_code = $1 and part_of = $2`,
    values: [sender, wholeKey],
  })
  return rows.map(({ id }) => documentKey(id))
}

/**
 * Orders the hand-ins of one submission until the transaction ends, so that each sees whom the others have brought it to;
 * and finds the earlier ones. Both are asked at once: the second statement sees what was there when the first had its lock.
 */
export async function lockHandIns(db: Transaction, keys: HandInKeys): Promise<EarlierHandIn[]> {
  const [, found] = await Promise.all([
    db.query({
      name: 'lock-hand-ins',
      text: `select pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 7005))`,
      values: [keys.sender, keys.wholeKey],
    }),
    findHandIns(db, keys),
  ])
  return found
}

/** Those of some agencies to whom an earlier hand-in has brought the packet, each with the first document that did. */
export async function findReachedBefore(
  db: Queryable,
  { sender, wholeKey }: Omit<HandInKeys, 'submissionKey'>,
  recipients: readonly AgencyCode[],
): Promise<Map<AgencyCode, DocumentKey>> {
  const { rows } = await db.query<{ recipient_code: string; document_id: string }>({
    name: 'find-reached-before',
    // From the few documents to their deliveries: a recipient may have a million.
    text: `with hand_in as materialized (
        select id, accepted_at from document where sender_code = $1 and submission_key = $2
        union all select id, accepted_at from document where sender_code = $1 and part_of = $2)
      select distinct on (delivery.recipient_code) delivery.recipient_code, delivery.document_id
      from hand_in join delivery on delivery.document_id = hand_in.id
      where delivery.recipient_code = any($3)
      order by delivery.recipient_code, hand_in.accepted_at, hand_in.id`,
    values: [sender, wholeKey, recipients],
  })
  return new Map(
    rows.map(({ recipient_code, document_id }) => [agencyCode(recipient_code), documentKey(document_id)]),
  )
}
