import { type DocumentKey, documentKey } from '../domain/identifiers.ts'
import type { WantedLevel } from '../domain/seal-level.ts'
import type { Queryable, Transaction } from './pool.ts'
import { rowsInto } from './write-rows.ts'
import type { Writing } from './write-together.ts'

const SEAL_DUES = rowsInto({
  name: 'seal-dues',
  table: 'seal_due',
  columns: { document_id: 'uuid', owed_since: 'timestamptz' },
  derived: { due_at: 'clock_timestamp()' },
})

/** Puts down, in the transaction that accepts documents, that their seals want a timestamp, and since when it is owed. */
export const writeSealDues = (
  dues: readonly { readonly document: DocumentKey; readonly owedSince: Date | null }[],
): Writing =>
  SEAL_DUES(dues.map(({ document, owedSince }) => ({ document_id: document, owed_since: owedSince })))

export interface DueSeal {
  readonly document: DocumentKey
  readonly attempts: number
}

/**
 * Takes seals that want this level, the longest due first, for so many seconds: a worker that dies leaves them to the
 * others after that.
 */
export async function takeDueSeals(
  db: Queryable,
  wants: WantedLevel,
  limit: number,
  leaseSeconds: number,
): Promise<DueSeal[]> {
  const { rows } = await db.query<{ id: string; attempts: number }>(
    `with taken as (
        select document_id from seal_due where wants = $1 and due_at <= clock_timestamp()
        order by due_at limit $2 for update skip locked)
      update seal_due set due_at = clock_timestamp() + make_interval(secs => $3), attempts = attempts + 1
      from taken where seal_due.document_id = taken.document_id
      returning seal_due.document_id as id, attempts`,
    [wants, limit, leaseSeconds],
  )
  return rows.map(({ id, attempts }) => ({ document: documentKey(id), attempts }))
}

/** The seal wants this next; null where it has all that it can have. */
export async function advanceSeal(
  db: Transaction,
  document: DocumentKey,
  wants: WantedLevel | null,
): Promise<void> {
  if (wants === null) {
    await db.query('delete from seal_due where document_id = $1', [document])
    return
  }
  await db.query(
    `update seal_due set wants = $2, due_at = clock_timestamp(), attempts = 0, reason = null
      where document_id = $1`,
    [document, wants],
  )
}

/** Gives back what was taken, at once: it was not its fault that it was not done. */
export async function giveBackSeals(db: Queryable, documents: readonly DocumentKey[]): Promise<void> {
  await db.query(
    `update seal_due set due_at = clock_timestamp(), attempts = attempts - 1 where document_id = any($1)`,
    [documents],
  )
}

/**
 * Lets a seal wait that cannot be lifted for a reason of its own. It is owed no more: what is wrong with one document
 * must not close the gateway to all.
 */
export async function postponeSeal(
  db: Queryable,
  document: DocumentKey,
  seconds: number,
  reason: string,
): Promise<void> {
  await db.query(
    `update seal_due set due_at = clock_timestamp() + make_interval(secs => $2), reason = $3, owed_since = null
      where document_id = $1`,
    [document, seconds, reason],
  )
}

/**
 * How long timestamps have been owed and none was had, in seconds: since the oldest that is owed was accepted, or since
 * the newest was had, whichever is later. Null where none is owed.
 */
export async function secondsWithoutTimestamp(db: Queryable): Promise<number | null> {
  const { rows } = await db.query<{ seconds: number | null }>({
    name: 'seconds-without-timestamp',
    text: `select extract(epoch from clock_timestamp() - greatest(owed.since, had.at))::float8 as seconds
      from (select min(owed_since) as since from seal_due where wants = 'B-T' and owed_since is not null) as owed,
        (select max(made_at) as at from seal_level where level = 'B-T') as had
      where owed.since is not null`,
  })
  return rows[0]?.seconds ?? null
}

/** For the metrics: how many seals want what, and since when the oldest timestamp is owed. */
export interface SealGauges {
  readonly waiting: readonly { readonly wants: WantedLevel; readonly count: number }[]
  readonly oldestOwedSeconds: number
}

export async function readSealGauges(db: Queryable): Promise<SealGauges> {
  const waiting = await db.query<SealGauges['waiting'][number]>(
    'select wants, count(*) as count from seal_due group by wants order by wants',
  )
  const owed = await db.query<{ seconds: number }>(
    `select coalesce(extract(epoch from clock_timestamp() - min(owed_since)), 0)::float8 as seconds
      from seal_due where wants = 'B-T' and owed_since is not null`,
  )
  return { waiting: waiting.rows, oldestOwedSeconds: owed.rows[0]?.seconds ?? 0 }
}
