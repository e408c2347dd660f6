import { insertApproval, insertDraft, setDraftState } from '../../src/db/drafts.ts'
import type { Transaction } from '../../src/db/pool.ts'
import { contentDigest } from '../../src/directory/drafts/content-digest.ts'
import type { DraftContents, DraftKind } from '../../src/domain/draft.ts'
import { uuidv7 } from '../../src/domain/identifiers.ts'

const AUTHOR = 'table-author'
export const TEST_APPROVER = 'table-approver'

/** Puts a draft on record as it is just before it becomes a revision; what it says is not validated. */
export async function insertApprovedDraft<K extends DraftKind>(
  db: Transaction,
  kind: K,
  content: readonly DraftContents[K][],
  effectiveAt: Date | null,
): Promise<{ readonly id: string; readonly author: string }> {
  await db.query(
    `insert into client (client_id, role, agency_code, name)
      select id, 'admin', null, id from unnest($1::text[]) as id on conflict do nothing`,
    [[AUTHOR, TEST_APPROVER]],
  )
  const id = uuidv7()
  const contentSha256 = await contentDigest(content)
  const edit = { author: AUTHOR, title: 'test', content, contentSha256, base: 0, effectiveAt }
  await insertDraft(db, { id, kind, reverts: null }, edit)
  await setDraftState(db, id, 'submitted', [])
  await insertApproval(db, { id, version: 1, contentSha256 }, TEST_APPROVER)
  return { id, author: AUTHOR }
}
