import type { ArrivalProblem, AxisMessageType } from '../domain/axis/arrival.ts'
import { type DocumentKey, type Sha256, sha256, uuidv7 } from '../domain/identifiers.ts'
import {
  ARRIVAL_COLUMNS,
  type Arrival,
  type ArrivalRow,
  type StoredBeside,
  toArrival,
} from './axis-arrival-record.ts'
import type { Queryable } from './pool.ts'

export interface ListedPacket {
  readonly remoteId: string
  readonly from: string
  readonly to: string
}

/**
 * Keeps what stands on another exchange's list, each packet once. One that was taken in and still stands there is to be
 * told once more: the exchange has forgotten. Returns how many are new.
 */
export async function noteListed(
  db: Queryable,
  connector: string,
  messageType: AxisMessageType,
  packets: readonly ListedPacket[],
): Promise<number> {
  if (packets.length === 0) return 0
  const { rows } = await db.query<{ is_new: boolean }>({
    name: 'note-listed',
    text: `insert into axis_arrival (id, connector, remote_id, message_type, listed_from, listed_to)
      select id, $1, remote_id, $2, listed_from, listed_to
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) as given (id, remote_id, listed_from, listed_to)
      on conflict (connector, remote_id) do update set told = false, next_attempt_at = clock_timestamp()
        where axis_arrival.state = 'accepted' and axis_arrival.told
      returning xmax = 0 as is_new`,
    values: [
      connector,
      messageType,
      packets.map(() => uuidv7()),
      packets.map(({ remoteId }) => remoteId),
      packets.map(({ from }) => from),
      packets.map(({ to }) => to),
    ],
  })
  return rows.filter(({ is_new }) => is_new).length
}

/**
 * Takes what is due, documents before statuses. Each is due again after a time that doubles from a second to an hour,
 * whatever becomes of it: one that ends every process that takes it comes ever more seldom.
 */
export async function claimArrivals(db: Queryable, connector: string, limit: number): Promise<Arrival[]> {
  const { rows } = await db.query<ArrivalRow>({
    name: 'claim-arrivals',
    text: `with due as (
        select id as due_id from axis_arrival
        where connector = $1 and (state in ('listed', 'fetched') or not told)
          and next_attempt_at <= statement_timestamp()
        order by next_attempt_at, message_type, id limit $2 for update skip locked),
      taken as (
        update axis_arrival set attempts = attempts + 1,
          next_attempt_at = statement_timestamp() + make_interval(secs => least(3600, power(2, least(attempts, 12))))
        from due where id = due_id returning ${ARRIVAL_COLUMNS})
      select ${ARRIVAL_COLUMNS} from taken order by message_type, id`,
    values: [connector, limit],
  })
  return rows.map(toArrival)
}

export interface FetchedPacket {
  readonly packet: Sha256
  readonly length: number
  readonly beside: StoredBeside | null
}

/** Its bytes are durable here. Returns false where another process was first: each answer may have other bytes. */
export async function markFetched(
  db: Queryable,
  id: string,
  { packet, length, beside }: FetchedPacket,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'mark-arrival-fetched',
    text: `update axis_arrival set state = 'fetched', packet_sha256 = $2, packet_length = $3, beside = $4::jsonb,
        failure = null, attempts = 0
      where id = $1 and state = 'listed'`,
    values: [id, packet, length, beside && JSON.stringify(beside)],
  })
  return rowCount === 1
}

/** Returns whether that was news. */
export async function markAccepted(
  db: Queryable,
  id: string,
  { document, facts }: { readonly document: DocumentKey; readonly facts: Sha256 | null },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'mark-arrival-accepted',
    text: `update axis_arrival set state = 'accepted', document_id = $2, facts_sha256 = $3, failure = null, attempts = 0
      where id = $1 and state = 'fetched'`,
    values: [id, document, facts],
  })
  return rowCount === 1
}

export interface ArrivalRefusal {
  readonly problem: ArrivalProblem
  /** Of the directory by which it was judged. */
  readonly directoryRevision: number
  /** What the other exchange is to be told. */
  readonly telling: string
}

/** Not taken in, and kept. What the other exchange was told before it is not told again. Returns whether that was news. */
export async function markRefused(
  db: Queryable,
  id: string,
  { problem, directoryRevision, telling }: ArrivalRefusal,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'mark-arrival-refused',
    text: `update axis_arrival set state = 'refused', problem = $2::jsonb, directory_revision = $3, failure = null,
        attempts = 0, told = told_as is not distinct from $4, next_attempt_at = clock_timestamp()
      where id = $1 and state in ('listed', 'fetched')`,
    values: [id, JSON.stringify(problem), directoryRevision, telling],
  })
  return rowCount === 1
}

/** It is tried again, when it is due. */
export async function noteFailure(db: Queryable, id: string, failure: ArrivalProblem): Promise<void> {
  await db.query({
    name: 'note-arrival-failure',
    text: `update axis_arrival set failure = $2::jsonb where id = $1`,
    values: [id, JSON.stringify(failure)],
  })
}

/** The other exchange knows what became of it. @param telling what it was told */
export async function markTold(db: Queryable, id: string, telling: string): Promise<void> {
  await db.query({
    name: 'mark-arrival-told',
    text: `update axis_arrival set told = true, told_as = $2, failure = null
      where id = $1 and state in ('accepted', 'refused')`,
    values: [id, telling],
  })
}

/** The packet, as it came first, of an arrival that was taken in and says the same. */
export async function findSameFacts(
  db: Queryable,
  connector: string,
  facts: Sha256,
): Promise<Pick<FetchedPacket, 'packet' | 'length'> | undefined> {
  const { rows } = await db.query<{ packet_sha256: string; packet_length: number }>({
    name: 'find-same-facts',
    text: `select document.packet_sha256, document.packet_length
      from axis_arrival join document on document.id = axis_arrival.document_id
      where axis_arrival.connector = $1 and axis_arrival.facts_sha256 = $2 and axis_arrival.state = 'accepted'
      order by axis_arrival.id limit 1`,
    values: [connector, facts],
  })
  return rows[0] && { packet: sha256(rows[0].packet_sha256), length: rows[0].packet_length }
}

/** What waits for one reason is due now. */
export async function wakeArrivals(db: Queryable, connector: string, failure: string): Promise<void> {
  await db.query({
    name: 'wake-arrivals',
    text: `update axis_arrival set next_attempt_at = clock_timestamp()
      where connector = $1 and state = 'fetched' and failure->>'code' = $2 and next_attempt_at > clock_timestamp()`,
    values: [connector, failure],
  })
}

/** Its exchange is back: whatever is to be fetched, taken in or told is due now. */
export async function wakeAllArrivals(db: Queryable, connector: string): Promise<void> {
  await db.query({
    name: 'wake-all-arrivals',
    text: `update axis_arrival set next_attempt_at = clock_timestamp(), attempts = 0
      where connector = $1 and (state in ('listed', 'fetched') or not told)
        and next_attempt_at > clock_timestamp()`,
    values: [connector],
  })
}

/** What a refused arrival becomes that begins anew. */
export const REOPENED = `state = case when packet_sha256 is null then 'listed' else 'fetched' end, problem = null,
  told = false, attempts = 0, next_attempt_at = clock_timestamp()`

/** What was refused for these reasons by an earlier directory begins anew. Returns how many. */
export async function reopenForDirectory(
  db: Queryable,
  connector: string,
  revision: number,
  codes: readonly string[],
): Promise<number> {
  const { rowCount } = await db.query({
    name: 'reopen-arrivals-for-directory',
    text: `update axis_arrival set ${REOPENED}
      where connector = $1 and state = 'refused' and directory_revision < $2 and problem->>'code' = any($3)`,
    values: [connector, revision, codes],
  })
  return rowCount ?? 0
}
