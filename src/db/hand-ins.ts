import {
  type AgencyCode,
  agencyCode,
  type DocumentKey,
  documentKey,
  type EdxmlDocumentId,
  type Sha256,
  sha256,
} from '../domain/identifiers.ts'
import type { IdempotencyRecord } from './idempotency-keys.ts'
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

interface HandInRow {
  place: number
  id: string
  submission_key: string
  edxml_document_id: EdxmlDocumentId | null
  packet_sha256: string
  accepted_at: Date
}

const toHandIn = (row: HandInRow): EarlierHandIn => ({
  document: documentKey(row.id),
  submissionKey: row.submission_key,
  edxmlDocumentId: row.edxml_document_id,
  packetSha256: sha256(row.packet_sha256),
  acceptedAt: row.accepted_at,
})

const keysOf = (all: readonly HandInKeys[]): string[][] => [
  all.map(({ sender }) => sender),
  all.map(({ wholeKey }) => wholeKey),
  all.map(({ submissionKey }) => submissionKey),
]

/** Documents under a submission's keys: the whole, this very hand-in, and one of the others. */
const FOUND = `(
        (select id, submission_key, edxml_document_id, packet_sha256, accepted_at from document
          where sender_code = given.sender and submission_key = any(array[given.whole_key, given.submission_key]))
        union all
        (select id, submission_key, edxml_document_id, packet_sha256, accepted_at from document
          where sender_code = given.sender and part_of = given.whole_key limit 1)) as found`

/**
 * Earlier hand-ins of each of these submissions: this very one first if it is there, the whole, and one of the others. All
 * that are stored have the same bytes, so that these tell whether others would be in conflict with them.
 */
export async function findHandIns(db: Queryable, all: readonly HandInKeys[]): Promise<EarlierHandIn[][]> {
  const { rows } = await db.query<HandInRow>({
    name: 'find-hand-ins',
    // What is asked is out of the planner's sight: it would make a new plan for each length of the lists.
    text: `with asked as materialized (
        select $1::text[] as senders, $2::text[] as whole_keys, $3::text[] as submission_keys)
      select place, found.id, found.submission_key, found.edxml_document_id, found.packet_sha256, found.accepted_at
      from asked cross join unnest(senders, whole_keys, submission_keys)
        with ordinality as given (sender, whole_key, submission_key, place)
      cross join lateral ${FOUND}
      order by place, found.submission_key = given.submission_key desc`,
    values: keysOf(all),
  })
  const found: EarlierHandIn[][] = all.map(() => [])
  for (const row of rows) found[row.place - 1]!.push(toHandIn(row))
  return found
}

/** A submission by all that an earlier one may be known by. */
export interface EarlierKeys extends HandInKeys {
  readonly clientId: string
  readonly idempotencyKey: string | null
}

export interface Earlier {
  /** What the client's request under this Idempotency-Key was and made. */
  readonly byKey: IdempotencyRecord | null
  readonly handIns: readonly EarlierHandIn[]
}

/** What each of these submissions may repeat: `findIdempotencyKey` and `findHandIns` of many in one statement. */
export async function findEarlier(db: Queryable, all: readonly EarlierKeys[]): Promise<Earlier[]> {
  const { rows } = await db.query<
    (HandInRow | { place: number; id: null }) & { fingerprint: string | null; key_document: string }
  >({
    name: 'find-earlier',
    text: `with asked as materialized (
        select $1::text[] as senders, $2::text[] as whole_keys, $3::text[] as submission_keys, $4::text[] as clients,
          $5::text[] as keys)
      select place, idempotency_key.fingerprint, idempotency_key.document_id as key_document,
        found.id, found.submission_key, found.edxml_document_id, found.packet_sha256, found.accepted_at
      from asked cross join unnest(senders, whole_keys, submission_keys, clients, keys)
        with ordinality as given (sender, whole_key, submission_key, client_id, idempotency_key, place)
      left join idempotency_key
        on idempotency_key.client_id = given.client_id and idempotency_key.key = given.idempotency_key
      left join lateral ${FOUND} on true
      order by place, found.submission_key = given.submission_key desc`,
    values: [
      ...keysOf(all),
      all.map(({ clientId }) => clientId),
      all.map(({ idempotencyKey }) => idempotencyKey),
    ],
  })
  const found = all.map((): { byKey: IdempotencyRecord | null; handIns: EarlierHandIn[] } => ({
    byKey: null,
    handIns: [],
  }))
  for (const row of rows) {
    const one = found[row.place - 1]!
    if (row.fingerprint !== null)
      one.byKey = { fingerprint: row.fingerprint, document: documentKey(row.key_document) }
    if (row.id !== null) one.handIns.push(toHandIn(row))
  }
  return found
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
 * Orders the hand-ins of each of these submissions until the transaction ends, so that each sees whom the others have
 * brought it to; and finds the earlier ones. Both are asked at once: the second statement sees what was there when the
 * first had its locks, which it takes in one order.
 */
export async function lockHandIns(db: Transaction, all: readonly HandInKeys[]): Promise<EarlierHandIn[][]> {
  const [senders, wholeKeys] = keysOf(all)
  const [, found] = await Promise.all([
    db.query({
      name: 'lock-hand-ins',
      text: `select pg_advisory_xact_lock(name) from (
          select distinct hashtextextended(sender || ' ' || whole_key, 7005) as name
          from unnest($1::text[], $2::text[]) as given (sender, whole_key) order by name) as names`,
      values: [senders, wholeKeys],
    }),
    findHandIns(db, all),
  ])
  return found
}

/** What a submission finds that does not wait for others. */
export interface TriedHandIns {
  /** Whether it is in order with the other hand-ins of its packet now: nobody else is storing one. */
  readonly isFree: boolean
  readonly earlier: readonly EarlierHandIn[]
}

/** `lockHandIns` without waiting: whoever holds one of them holds up no others. */
export async function tryLockHandIns(db: Transaction, all: readonly HandInKeys[]): Promise<TriedHandIns[]> {
  const [senders, wholeKeys] = keysOf(all)
  const [{ rows }, found] = await Promise.all([
    db.query<{ is_free: boolean }>({
      name: 'try-lock-hand-ins',
      text: `with asked as materialized (select $1::text[] as senders, $2::text[] as whole_keys)
        select pg_try_advisory_xact_lock(hashtextextended(sender || ' ' || whole_key, 7005)) as is_free
        from asked cross join unnest(senders, whole_keys) with ordinality as given (sender, whole_key, place)
        order by place`,
      values: [senders, wholeKeys],
    }),
    findHandIns(db, all),
  ])
  return found.map((earlier, index) => ({ earlier, isFree: rows[index]!.is_free }))
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
