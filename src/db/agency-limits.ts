import type { OwnLimits } from '../domain/agency-limit.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

export interface AgencyLimitRecord extends OwnLimits {
  readonly agency: AgencyCode
  readonly changedAt: Date
  readonly changedBy: string
}

const COLUMNS = `agency_code as agency, requests_per_minute as "requestsPerMinute",
  concurrent_submissions as "concurrentSubmissions", packet_bytes as "packetBytes", stored_bytes as "storedBytes",
  share, changed_at as "changedAt", changed_by as "changedBy"`

/** Every agency that has values of its own, by code. */
export async function listAgencyLimits(db: Queryable): Promise<AgencyLimitRecord[]> {
  const { rows } = await db.query<AgencyLimitRecord>(
    `select ${COLUMNS} from agency_limit order by agency_code`,
  )
  return rows
}

export async function findAgencyLimits(
  db: Queryable,
  agency: AgencyCode,
): Promise<AgencyLimitRecord | undefined> {
  const { rows } = await db.query<AgencyLimitRecord>(
    `select ${COLUMNS} from agency_limit where agency_code = $1`,
    [agency],
  )
  return rows[0]
}

export async function putAgencyLimits(
  db: Transaction,
  agency: AgencyCode,
  limits: OwnLimits,
  by: string,
): Promise<void> {
  await db.query(
    `insert into agency_limit (agency_code, requests_per_minute, concurrent_submissions, packet_bytes, stored_bytes,
        share, changed_by) values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (agency_code) do update set requests_per_minute = excluded.requests_per_minute,
        concurrent_submissions = excluded.concurrent_submissions, packet_bytes = excluded.packet_bytes,
        stored_bytes = excluded.stored_bytes, share = excluded.share, changed_by = excluded.changed_by,
        changed_at = clock_timestamp()`,
    [
      agency,
      limits.requestsPerMinute,
      limits.concurrentSubmissions,
      limits.packetBytes,
      limits.storedBytes,
      limits.share,
      by,
    ],
  )
}

export interface Tokens {
  readonly granted: number
  /** Those that are left for everybody, in fractions. */
  readonly tokens: number
}

/** What the bucket holds at this statement: it fills evenly, a whole minute's worth at most. */
const FILLED = `least($2::float8, bucket.tokens +
  greatest(0, extract(epoch from statement_timestamp() - bucket.refilled_at))::float8 * $2::float8 / 60)`

/** Takes up to `wanted` tokens of an agency for one process. @param perMinute its limit: what a full bucket holds */
export async function takeTokens(
  db: Queryable,
  agency: string,
  perMinute: number,
  wanted: number,
): Promise<Tokens> {
  const { rows } = await db.query<Tokens>({
    name: 'take-tokens',
    text: `insert into agency_tokens as bucket (agency_code, tokens, granted, refilled_at)
      values ($1, $2::float8 - least($2::integer, $3::integer), least($2::integer, $3::integer), statement_timestamp())
      on conflict (agency_code) do update set
        granted = least($3::integer, floor(${FILLED})::integer),
        tokens = ${FILLED} - least($3::integer, floor(${FILLED})::integer),
        refilled_at = greatest(bucket.refilled_at, statement_timestamp())
      returning granted, tokens`,
    values: [agency, perMinute, wanted],
  })
  return rows[0]!
}
