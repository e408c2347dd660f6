import type { AgencyCode } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

export interface Restoration {
  readonly id: string
  /** The name of the backup. */
  readonly backup: string
  readonly manifestSha256: string
  /** When the backup was taken, by the clock of the database then. */
  readonly takenAt: Date
  readonly restoredAt: Date
  readonly restoredBy: string
  readonly numberFloor: number
}

export type NewRestoration = Omit<Restoration, 'restoredAt' | 'numberFloor'>

const COLUMNS = `id, backup, manifest_sha256 as "manifestSha256", taken_at as "takenAt", restored_at as "restoredAt",
  restored_by as "restoredBy", number_floor::float8 as "numberFloor"`

/** Numbers that one inbox may be given in a second, at the very most; and as many more whatever the clocks say. */
const NUMBERS_A_SECOND = 1_000
const NUMBERS_MORE = 1_000_000

/** Older epochs stay with processes that may still run and hold a lease of theirs. */
const EPOCHS_LEFT_OUT = 1_000_000

/**
 * Puts the restoration on record and every inbox above all numbers that can have been given since, rounded up to a whole
 * million.
 * @param knownUntil the last acceptance that is there: a backup may be of a database that had itself gone back in time
 */
export async function insertRestoration(
  db: Transaction,
  given: NewRestoration,
  knownUntil: Date,
): Promise<Restoration> {
  const { rows } = await db.query<Restoration>(
    `insert into restoration (id, backup, manifest_sha256, taken_at, restored_by, number_floor)
      select $1, $2, $3, $4, $5, (ceil((coalesce(max(last_number), 0) + ${NUMBERS_MORE}
        + ${NUMBERS_A_SECOND} * greatest(extract(epoch from clock_timestamp() - $6::timestamptz), 0)) / 1e6) * 1e6)::bigint
      from (select last_number from inbox union all select number_floor from restoration) as given
      returning ${COLUMNS}`,
    [given.id, given.backup, given.manifestSha256, given.takenAt, given.restoredBy, knownUntil],
  )
  const restoration = rows[0]!
  await db.query(
    `insert into inbox_leap (restoration_id, agency_code, after_number)
      select $1, agency_code, last_number from inbox`,
    [restoration.id],
  )
  await db.query('update inbox set last_number = $1', [restoration.numberFloor])
  return restoration
}

export interface Resumed {
  /** Deliveries that wait: the queue will be told of them anew. */
  readonly waiting: number
  /** Those of them that another exchange may have been given since. */
  readonly mayHaveLeft: number
}

/**
 * Makes what was under way begin again: no lease of before holds, and the queue is told of everything. What waits for
 * another exchange may have been handed on after the backup, so that it never goes another way.
 */
export async function resumeDeliveries(db: Transaction): Promise<Resumed> {
  await db.query('delete from outbox')
  const { rows } = await db.query<Resumed>(
    `with resumed as (
        update delivery set lease_epoch = lease_epoch + ${EPOCHS_LEFT_OUT}, lease_until = null, enqueued_at = null,
          claim_token = null, claim_until = null,
          may_have_left = may_have_left or (state = 'waiting' and channel in ('national-axis', 'gateway'))
        where state in ('waiting', 'available')
        returning state, may_have_left)
      select count(*) filter (where state = 'waiting')::float8 as waiting,
        count(*) filter (where state = 'waiting' and may_have_left)::float8 as "mayHaveLeft"
      from resumed`,
  )
  return rows[0]!
}

/** The latest restoration; null where there was none. */
export async function findRestoration(db: Queryable): Promise<Restoration | null> {
  const { rows } = await db.query<Restoration>(
    `select ${COLUMNS} from restoration order by restored_at desc limit 1`,
  )
  return rows[0] ?? null
}

/** A reader of an inbox that knows numbers which the gateway does not. */
export interface ReaderAhead {
  readonly restoration: string
  readonly takenAt: Date
  readonly restoredAt: Date
  /** The last number that the backup knew. */
  readonly known: number
  /** The greatest that a reader has shown before; null where none has. */
  readonly seen: number | null
}

/** Whether a cursor stands among the numbers that a restoration left out. */
export async function findReaderAhead(
  db: Queryable,
  agency: AgencyCode,
  after: number,
): Promise<ReaderAhead | undefined> {
  const { rows } = await db.query<ReaderAhead>({
    name: 'find-reader-ahead',
    text: `select restoration.id as restoration, restoration.taken_at as "takenAt",
        restoration.restored_at as "restoredAt", coalesce(leap.after_number, 0)::float8 as known,
        leap.seen_number::float8 as seen
      from restoration left join inbox_leap leap
        on leap.restoration_id = restoration.id and leap.agency_code = $1
      where $2 > coalesce(leap.after_number, 0) and $2 < restoration.number_floor
      order by restoration.restored_at desc limit 1`,
    values: [agency, after],
  })
  return rows[0]
}

/** Keeps the greatest number that was shown. Answers whether it is greater than before. */
export async function raiseSeenNumber(
  db: Transaction,
  restoration: string,
  agency: AgencyCode,
  seen: number,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into inbox_leap (restoration_id, agency_code, after_number, seen_number) values ($1, $2, 0, $3)
      on conflict (restoration_id, agency_code) do update set seen_number = excluded.seen_number
      where inbox_leap.seen_number is null or inbox_leap.seen_number < excluded.seen_number`,
    [restoration, agency, seen],
  )
  return rowCount === 1
}
