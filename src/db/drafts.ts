import type {
  Draft,
  DraftConflict,
  DraftContents,
  DraftKind,
  DraftState,
  DraftSummary,
} from '../domain/draft.ts'
import type { Fault } from '../domain/fault.ts'
import type { Queryable, Transaction } from './pool.ts'

/** What one version of a draft says. */
export interface DraftEdit<K extends DraftKind = DraftKind> {
  readonly author: string
  readonly title: string
  readonly content: readonly DraftContents[K][]
  readonly contentSha256: string
  readonly base: number
  readonly effectiveAt: Date | null
}

/** The state as people are told it: a table that is approved and not yet in force is scheduled. */
const STATE = `case when draft.state <> 'applied' then draft.state
  when draft.effective_from > clock_timestamp() then 'scheduled' else 'in-force' end`

const COLUMNS = `draft.id, draft.kind, edit.title, draft.version, edit.content_sha256 as "contentSha256", edit.base,
  ${STATE} as state, coalesce(draft.effective_from, edit.effective_at) as "effectiveAt",
  array (select author from draft_edit one where one.draft_id = draft.id group by author order by min(version)) as authors,
  array (select approver from draft_approval one
    where one.draft_id = draft.id and one.version = draft.version order by approved_at) as approvers,
  draft.reverts, draft.conflict, draft.revision, draft.created_at as "createdAt", draft.changed_at as "changedAt"`

const SOURCE = 'draft join draft_edit edit on edit.draft_id = draft.id and edit.version = draft.version'

export async function findDraft(db: Queryable, id: string): Promise<Draft | undefined> {
  const { rows } = await db.query<Draft>(
    `select ${COLUMNS}, edit.content, draft.warnings from ${SOURCE} where draft.id = $1`,
    [id],
  )
  return rows[0]
}

/** A draft, locked until the transaction ends: whoever else steps in waits, and sees what was done. */
export async function lockDraft(db: Transaction, id: string): Promise<Draft | undefined> {
  await db.query('select from draft where id = $1 for update', [id])
  return findDraft(db, id)
}

/** A version of a draft as it was written; undefined where there is no such version. */
export async function findDraftEdit(
  db: Queryable,
  id: string,
  version: number,
): Promise<DraftEdit | undefined> {
  const { rows } = await db.query<DraftEdit>(
    `select author, title, content, content_sha256 as "contentSha256", base, effective_at as "effectiveAt"
      from draft_edit where draft_id = $1 and version = $2`,
    [id, version],
  )
  return rows[0]
}

export interface DraftPage {
  readonly state?: DraftState
  readonly kind?: DraftKind
  /** An id: only drafts that were made before this one. */
  readonly before: string | null
  readonly limit: number
}

/** One page of drafts, the newest first. */
export async function listDrafts(db: Queryable, page: DraftPage): Promise<DraftSummary[]> {
  const { rows } = await db.query<DraftSummary>(
    `select ${COLUMNS}, jsonb_array_length(edit.content) as items from ${SOURCE}
      where ($1::uuid is null or draft.id < $1) and ($2::text is null or draft.kind = $2)
        and ($3::text is null or ${STATE} = $3)
      order by draft.id desc limit $4`,
    [page.before, page.kind ?? null, page.state ?? null, page.limit],
  )
  return rows
}

/** Adds a draft with its first version. */
export async function insertDraft(
  db: Transaction,
  draft: { readonly id: string; readonly kind: DraftKind; readonly reverts: number | null },
  edit: DraftEdit,
): Promise<void> {
  await db.query('insert into draft (id, kind, reverts) values ($1, $2, $3)', [
    draft.id,
    draft.kind,
    draft.reverts,
  ])
  await insertEdit(db, draft.id, 1, edit)
}

/** Writes the next version, which is open again and which nobody has approved; the caller holds the draft's lock. */
export async function reviseDraft(
  db: Transaction,
  id: string,
  version: number,
  edit: DraftEdit,
): Promise<void> {
  await insertEdit(db, id, version, edit)
  await db.query(
    `update draft set version = $2, state = 'open', warnings = '[]', conflict = null, changed_at = clock_timestamp()
      where id = $1`,
    [id, version],
  )
}

async function insertEdit(db: Transaction, id: string, version: number, edit: DraftEdit): Promise<void> {
  await db.query(
    `insert into draft_edit (draft_id, version, author, title, content, content_sha256, base, effective_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      id,
      version,
      edit.author,
      edit.title,
      JSON.stringify(edit.content),
      edit.contentSha256,
      edit.base,
      edit.effectiveAt,
    ],
  )
}

/** Moves a draft that stays one; `warnings` and `conflict` are what is known of it from now on. */
export async function setDraftState(
  db: Transaction,
  id: string,
  state: 'open' | 'submitted' | 'withdrawn',
  warnings: readonly Fault[],
): Promise<void> {
  await db.query(
    `update draft set state = $2, warnings = $3, conflict = null, changed_at = clock_timestamp() where id = $1`,
    [id, state, JSON.stringify(warnings)],
  )
}

/** Keeps why a draft could not be applied; it stays as it is. */
export async function setDraftConflict(db: Queryable, id: string, conflict: DraftConflict): Promise<void> {
  await db.query(
    `update draft set conflict = $2, changed_at = clock_timestamp() where id = $1 and state = 'submitted'`,
    [id, JSON.stringify(conflict)],
  )
}

/** What is told of a submitted version from now on. */
export async function setDraftWarnings(
  db: Queryable,
  id: string,
  version: number,
  warnings: readonly Fault[],
): Promise<void> {
  await db.query(
    `update draft set warnings = $3, changed_at = clock_timestamp()
      where id = $1 and version = $2 and state = 'submitted'`,
    [id, version, JSON.stringify(warnings)],
  )
}

export async function insertApproval(
  db: Transaction,
  { id, version, contentSha256 }: Pick<Draft, 'id' | 'version' | 'contentSha256'>,
  approver: string,
): Promise<void> {
  await db.query(
    `insert into draft_approval (draft_id, version, approver, content_sha256) values ($1, $2, $3, $4)`,
    [id, version, approver, contentSha256],
  )
}

/** The draft has become a revision. @param effectiveFrom when a routing table takes effect; null for the directory */
export async function markApplied(
  db: Transaction,
  id: string,
  revision: number,
  effectiveFrom: Date | null,
): Promise<void> {
  await db.query(
    `update draft set state = 'applied', revision = $2, effective_from = $3, conflict = null,
      changed_at = clock_timestamp() where id = $1`,
    [id, revision, effectiveFrom],
  )
}
