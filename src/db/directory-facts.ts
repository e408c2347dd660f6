import type { Delta, Fact } from '../domain/directory/fact.ts'
import type { Queryable, Transaction } from './pool.ts'

/** One revision of the directory: everything that one author said at one time. */
export interface DirectoryRevision {
  readonly number: number
  readonly author: string
  readonly reason: string
  /** The draft that it was; null where an agency spoke for itself, or a new gateway was filled. */
  readonly draft: string | null
  readonly recordedAt: Date
}

export const FACT_COLUMNS = `id, subject, kind, value, valid_from as "validFrom", valid_to as "validTo", asserted_in as "assertedIn",
  retracted_in as "retractedIn"`

/** The number of the latest revision; 0 before the first. */
export async function directoryHead(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ head: number }>({
    name: 'directory-head',
    text: 'select coalesce(max(number), 0) as head from directory_revision',
  })
  return rows[0]!.head
}

/** Whether more than `most` facts were said after one revision and up to another. */
export async function saidMoreThan(
  db: Queryable,
  most: number,
  after: number,
  upTo: number,
): Promise<boolean> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) as count from (
        select from directory_fact where asserted_in > $1 and asserted_in <= $2 limit $3 + 1) as said`,
    [after, upTo, most],
  )
  return rows[0]!.count > most
}

/** What was said, and what was taken back, after one revision and up to another. */
export async function factsBetween(
  db: Queryable,
  after: number,
  upTo: number,
): Promise<{ asserted: Fact[]; retracted: number[] }> {
  const asserted = await db.query<Fact>(
    `select ${FACT_COLUMNS} from directory_fact
      where asserted_in > $1 and asserted_in <= $2 and (retracted_in is null or retracted_in > $2) order by id`,
    [after, upTo],
  )
  const retracted = await db.query<{ id: number }>(
    'select id from directory_fact where retracted_in > $1 and retracted_in <= $2 and asserted_in <= $1',
    [after, upTo],
  )
  return { asserted: asserted.rows, retracted: retracted.rows.map(({ id }) => id) }
}

/** Lets only one author at a time write a revision, so that what was checked is still true when it is written. */
export async function lockDirectoryRevisions(db: Transaction): Promise<void> {
  await db.query('lock table directory_revision in share row exclusive mode')
}

/**
 * Writes a delta as the next revision, whose number is returned; the caller holds the lock. Subjects that are agencies
 * get their row, which documents and deliveries refer to.
 */
export async function insertDirectoryRevision(
  db: Transaction,
  by: Omit<DirectoryRevision, 'number' | 'recordedAt'>,
  { asserted, retracted }: Delta,
): Promise<number> {
  const { rows } = await db.query<{ number: number }>(
    `insert into directory_revision (number, author, reason, draft_id)
      select coalesce(max(number), 0) + 1, $1, $2, $3 from directory_revision returning number`,
    [by.author, by.reason, by.draft],
  )
  const { number } = rows[0]!
  await db.query('update directory_fact set retracted_in = $1 where id = any ($2) and retracted_in is null', [
    number,
    retracted,
  ])
  for (let from = 0; from < asserted.length; from += CHUNK)
    await insertFacts(db, number, asserted.slice(from, from + CHUNK))
  return number
}

/** Facts that go into one statement. */
const CHUNK = 2_000

async function insertFacts(db: Transaction, revision: number, facts: Delta['asserted']): Promise<void> {
  const founded = facts.filter(({ kind }) => kind === 'existence').map(({ subject }) => subject)
  if (founded.length > 0)
    await db.query('insert into agency (code) select distinct unnest($1::text[]) on conflict do nothing', [
      founded,
    ])
  await db.query(
    `insert into directory_fact (subject, kind, value, valid_from, valid_to, asserted_in)
      select subject, kind, value, valid_from, valid_to, $1
      from unnest($2::text[], $3::text[], $4::jsonb[], $5::date[], $6::date[])
        as given (subject, kind, value, valid_from, valid_to)`,
    [
      revision,
      facts.map(({ subject }) => subject),
      facts.map(({ kind }) => kind),
      facts.map(({ value }) => JSON.stringify(value)),
      facts.map(({ validFrom }) => validFrom),
      facts.map(({ validTo }) => validTo),
    ],
  )
}
