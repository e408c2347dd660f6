import type { AgencyCode } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

/** Which of some subjects any later revision of the directory said something of, or took something back. */
export async function subjectsTouchedSince(
  db: Queryable,
  revision: number,
  subjects: readonly AgencyCode[],
): Promise<AgencyCode[]> {
  const { rows } = await db.query<{ subject: AgencyCode }>(
    `select distinct subject from directory_fact
      where subject = any ($2) and (asserted_in > $1 or retracted_in > $1) order by subject`,
    [revision, subjects],
  )
  return rows.map(({ subject }) => subject)
}

export interface RevisionNote {
  readonly number: number
  readonly author: string
  readonly reason: string
  readonly recordedAt: Date
}

/** The revisions of the directory after one that touched any of some subjects, the oldest first. */
export async function revisionsTouching(
  db: Queryable,
  after: number,
  subjects: readonly AgencyCode[],
): Promise<RevisionNote[]> {
  const { rows } = await db.query<RevisionNote>(
    `select number, author, reason, recorded_at as "recordedAt" from directory_revision
      where number > $1 and exists (
        select from directory_fact
        where subject = any ($2) and (asserted_in = number or retracted_in = number))
      order by number limit 1000`,
    [after, subjects],
  )
  return rows
}
