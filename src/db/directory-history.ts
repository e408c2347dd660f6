import type { Fact } from '../domain/directory/fact.ts'
import { type DirectoryRevision, FACT_COLUMNS } from './directory-facts.ts'
import type { Queryable } from './pool.ts'

const COLUMNS = 'number, author, reason, draft_id as draft, recorded_at as "recordedAt"'

/** Revisions of the directory, the newest first, those before the revision `before`. */
export async function listDirectoryRevisions(
  db: Queryable,
  before: number | null,
  limit: number,
): Promise<DirectoryRevision[]> {
  const { rows } = await db.query<DirectoryRevision>(
    `select ${COLUMNS} from directory_revision where $1::integer is null or number < $1 order by number desc limit $2`,
    [before, limit],
  )
  return rows
}

export async function findDirectoryRevision(
  db: Queryable,
  number: number,
): Promise<DirectoryRevision | undefined> {
  const { rows } = await db.query<DirectoryRevision>(
    `select ${COLUMNS} from directory_revision where number = $1`,
    [number],
  )
  return rows[0]
}

/** What a revision said and took back, in the order of ids, those after `after`. */
export async function factsOfRevision(
  db: Queryable,
  number: number,
  after: number,
  limit: number,
): Promise<Fact[]> {
  const { rows } = await db.query<Fact>(
    `select ${FACT_COLUMNS} from (
        (select * from directory_fact where asserted_in = $1 and id > $2 order by id limit $3)
        union
        (select * from directory_fact where retracted_in = $1 and id > $2 order by id limit $3)) as touched
      order by id limit $3`,
    [number, after, limit],
  )
  return rows
}

/** Everything that was ever said of a subject, also what was taken back; the newest `limit` of it, oldest first. */
export async function factsOfSubject(db: Queryable, subject: string, limit: number): Promise<Fact[]> {
  const { rows } = await db.query<Fact>(
    `select ${FACT_COLUMNS} from (
        select * from directory_fact where subject = $1 order by id desc limit $2) as newest
      order by id`,
    [subject, limit],
  )
  return rows
}

/** The revisions that said or took back anything of a subject, the newest first. */
export async function revisionsOfSubject(
  db: Queryable,
  subject: string,
  limit: number,
): Promise<DirectoryRevision[]> {
  const { rows } = await db.query<DirectoryRevision>(
    `select ${COLUMNS} from directory_revision
      where number in (select asserted_in from directory_fact where subject = $1
        union select retracted_in from directory_fact where subject = $1)
      order by number desc limit $2`,
    [subject, limit],
  )
  return rows
}
