import type { DraftContents, DraftKind } from '../domain/draft.ts'
import type { Queryable, Transaction } from './pool.ts'

/** A draft that waits, and what its author wrote last. */
export interface WaitingDraft<K extends DraftKind = DraftKind> {
  readonly id: string
  readonly version: number
  /** The latest version that this author wrote. */
  readonly written: number
  readonly content: readonly DraftContents[K][]
}

/** Lets one draft at a time be begun in somebody's name, until the transaction ends. */
export async function lockAuthor(db: Transaction, author: string): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtextextended('draft-author ' || $1, 7006))`, [author])
}

/** The drafts that somebody has written in and that are neither applied nor withdrawn, the latest first. */
export async function listWaitingDrafts<K extends DraftKind>(
  db: Queryable,
  author: string,
  kind: K,
  limit: number,
): Promise<WaitingDraft<K>[]> {
  const { rows } = await db.query<WaitingDraft<K>>(
    `select draft.id, draft.version, edit.version as written, edit.content from draft
      cross join lateral (
        select version, content from draft_edit
          where draft_id = draft.id and author = $1 order by version desc limit 1) as edit
      where draft.kind = $2 and draft.state in ('open', 'submitted')
      order by draft.id desc limit $3`,
    [author, kind, limit],
  )
  return rows
}
