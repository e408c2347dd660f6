import { type Sha256, sha256 } from '../domain/identifiers.ts'
import { DURABLY } from './durability.ts'
import type { Queryable } from './pool.ts'
import type { Writing } from './write-together.ts'

/** Bytes. A blob up to this length is kept in the database, a longer one as a file. */
export const SMALL_UP_TO = 32 * 1024

/** A blob that is kept in the database. */
export interface SmallBlob {
  readonly sha256: Sha256
  /** At most `SMALL_UP_TO`, whose digest was just taken. */
  readonly bytes: Uint8Array
}

/**
 * The row has these bytes and is young: it need not be touched, so that documents with the same attachment do not wait for
 * each other's transactions. A transaction takes seconds, and nothing is removed before it is a day old.
 */
const IS_KEPT = `(select kept.bytes = given.bytes and kept.stored_at > clock_timestamp() - interval '1 hour'
    from small_blob as kept where kept.sha256 = given.sha256) is true`

/** One message of fixed form, however many there are: all bytes in one, and where each begins (1 is the first). */
const GIVEN = `(select part.sha256, substring($2::bytea from part.start for part.length) as bytes
    from unnest($1::text[], $3::integer[], $4::integer[]) as part (sha256, start, length)) as given`

/**
 * Writes blobs, makes those young that are old, and mends those whose bytes are others. One for a transaction: rows are
 * locked in the order of digests, so that two transactions with the same new blobs wait for each other, and never both.
 *
 * Removing looks at the age of a row under its lock. So whoever writes an old blob again is either first, and it stays, or
 * second, and then it is written anew.
 */
export function writeSmallBlobs(blobs: readonly SmallBlob[]): Writing {
  // Ordered here: a sort in the database would carry the bytes along.
  const distinct = [...new Map(blobs.map((blob) => [blob.sha256, blob])).values()].sort(byDigest)
  const lengths = distinct.map(({ bytes }) => bytes.length)
  let next = 1
  const starts = lengths.map((length) => {
    next += length
    return next - length
  })
  return {
    name: 'small-blobs',
    text: `insert into small_blob (sha256, bytes)
      select given.sha256, given.bytes
      from ${GIVEN}
      where not ${IS_KEPT}
      on conflict (sha256) do update set bytes = excluded.bytes, stored_at = excluded.stored_at`,
    values: [
      distinct.map((blob) => blob.sha256),
      Buffer.concat(distinct.map(({ bytes }) => bytes)),
      starts,
      lengths,
    ],
  }
}

const byDigest = (one: SmallBlob, other: SmallBlob): number => (one.sha256 < other.sha256 ? -1 : 1)

/**
 * The same as a durable transaction by itself. Answers those whose rows had other bytes till now: somebody or something
 * has damaged them.
 */
export async function storeSmallBlobs(db: Queryable, blobs: readonly SmallBlob[]): Promise<Sha256[]> {
  const { name, text, values } = writeSmallBlobs(blobs)
  const { rows } = await db.query<{ damaged: string[] }>({
    name: `store-${name}`,
    text: `with damaged as (select given.sha256 from ${GIVEN} join small_blob as kept using (sha256)
        where kept.bytes <> given.bytes),
      written as (${text})
      select array(select sha256 from damaged) as damaged, ${DURABLY}`,
    values: [...values],
  })
  return rows[0]!.damaged.map(sha256)
}

/** Bytes in the order of the given blobs, as they lie there: nobody has looked at their digests. Undefined of what is no row. */
export async function findSmallBlobs(
  db: Queryable,
  blobs: readonly Sha256[],
): Promise<(Uint8Array | undefined)[]> {
  const { rows } = await db.query<{ base64: string | null }>({
    name: 'find-small-blobs',
    // The driver takes texts only, and base64 is the fastest of them. Of what comes out of a CTE nobody knows how many there
    // are, so that one plan serves for all; each is looked up by itself, however small the table was when that was made.
    text: `with asked as materialized (select $1::text[] as blobs)
      select (select encode(bytes, 'base64') from small_blob where sha256 = blob) as base64
      from asked, unnest(asked.blobs) with ordinality as one (blob, place) order by place`,
    values: [blobs],
  })
  return rows.map(({ base64 }) => (base64 === null ? undefined : Buffer.from(base64, 'base64')))
}

/** Length in bytes; undefined where there is no such blob. */
export async function findSmallBlobLength(db: Queryable, blob: Sha256): Promise<number | undefined> {
  const { rows } = await db.query<{ length: number }>({
    name: 'find-small-blob-length',
    text: 'select octet_length(bytes) as length from small_blob where sha256 = $1',
    values: [blob],
  })
  return rows[0]?.length
}

/** Behind every digest in hexadecimal digits. */
const BEHIND_ALL = 'g'

/** What a page of blobs holds of old ones. */
export interface SmallBlobPage {
  readonly old: readonly Sha256[]
  /** The last blob of the page; null where it is the last of all. */
  readonly last: Sha256 | null
}

/**
 * Blobs in the order of their digests after `after` and before `before` (to the end where left out), at most `limit`; of
 * them those that were last committed longer ago.
 */
export async function listOldSmallBlobs(
  db: Queryable,
  olderThanMs: number,
  after: string,
  limit: number,
  before = BEHIND_ALL,
): Promise<SmallBlobPage> {
  const { rows } = await db.query<{ sha256: string; old: boolean }>({
    name: 'list-old-small-blobs',
    text: `select sha256, stored_at < clock_timestamp() - make_interval(secs => $1 / 1000.0) as old
      from small_blob where sha256 > $2 and sha256 < $4 order by sha256 limit $3`,
    values: [olderThanMs, after, limit, before],
  })
  const old = rows.filter((row) => row.old).map((row) => sha256(row.sha256))
  return { old, last: rows.length < limit ? null : sha256(rows.at(-1)!.sha256) }
}

/** Removes a blob, unless it was committed, or committed again, within this time. Returns whether it did. */
export async function deleteOldSmallBlob(db: Queryable, blob: Sha256, olderThanMs: number): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'delete-old-small-blob',
    text: `delete from small_blob
      where sha256 = $1 and stored_at < clock_timestamp() - make_interval(secs => $2 / 1000.0)`,
    values: [blob, olderThanMs],
  })
  return rowCount === 1
}
