import type { AgencyCode } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

/** Longer than any transaction that accepts a document: what is older than this is counted for good. */
const SETTLED = "interval '5 minutes'"

/**
 * Bytes of the packets that an agency handed in and the gateway keeps. Counted up incrementally: a document is added
 * up once it is five minutes old, by whoever asks first; nothing is written where documents are accepted.
 */
export async function countStoredBytes(db: Queryable, agency: AgencyCode): Promise<number> {
  await db.query(
    `with mark as (
        select coalesce(max(counted_to), '-infinity') as since, coalesce(max(bytes), 0) as bytes,
          clock_timestamp() - ${SETTLED} as until from agency_storage where agency_code = $1),
      added as (
        select coalesce(sum(document.packet_length), 0) as bytes from mark
          left join document on document.sender_code = $1 and document.accepted_at >= mark.since
            and document.accepted_at < mark.until)
      insert into agency_storage as counted (agency_code, bytes, counted_to)
      select $1, mark.bytes + added.bytes, mark.until from mark, added where mark.until > mark.since
      on conflict (agency_code) do update set bytes = excluded.bytes, counted_to = excluded.counted_to
        where counted.counted_to = (select since from mark)`,
    [agency],
  )
  const { rows } = await db.query<{ bytes: number }>(
    `select (coalesce(max(counted.bytes), 0) + coalesce(sum(document.packet_length), 0))::bigint as bytes
      from agency_storage as counted left join document
        on document.sender_code = counted.agency_code and document.accepted_at >= counted.counted_to
      where counted.agency_code = $1`,
    [agency],
  )
  return rows[0]?.bytes ?? 0
}
