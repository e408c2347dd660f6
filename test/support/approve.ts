import type { Pool } from '../../src/db/pool.ts'
import { approveDraft } from '../../src/directory/drafts/approve-draft.ts'
import type { DraftDependencies } from '../../src/directory/drafts/dependencies.ts'
import { submitDraft } from '../../src/directory/drafts/move-draft.ts'
import { createDraft } from '../../src/directory/drafts/write-draft.ts'
import type { RegistryHolder } from '../../src/directory/snapshot/holder.ts'
import { WITHOUT_CONNECTOR } from '../../src/domain/channel-id.ts'
import type { Act } from '../../src/domain/directory/act.ts'
import type { Draft } from '../../src/domain/draft.ts'
import type { TableRule } from '../../src/domain/routing-rule.ts'

const AUTHOR = 'test.author'
const APPROVER = 'test.approver'

export type Change =
  | { readonly acts: readonly Act[] }
  | { readonly rules: readonly TableRule[]; readonly effectiveAt?: Date }

/**
 * Puts a change in force as two administrators do: one writes and submits the draft, the other approves it. Answers
 * the draft with the revision that it became.
 */
export async function approveThrough(
  { pool, registry }: { readonly pool: Pool; readonly registry: Pick<RegistryHolder, 'upToDate'> },
  change: Change,
): Promise<Draft> {
  await addAdministrators(pool)
  const dependencies: DraftDependencies = { pool, registry, usable: WITHOUT_CONNECTOR, allowHttp: true }
  const draft = await createDraft(
    dependencies,
    { clientId: AUTHOR },
    'acts' in change
      ? { kind: 'directory', title: 'Test', content: change.acts }
      : {
          kind: 'routing',
          title: 'Test',
          content: change.rules,
          effectiveAt: change.effectiveAt ?? null,
        },
  )
  await submitDraft(dependencies, { clientId: AUTHOR }, draft.id, draft.version)
  return approveDraft(dependencies, { clientId: APPROVER }, draft.id, draft)
}

/** Without a secret: tests in this process name the caller themselves. */
async function addAdministrators(pool: Pool): Promise<void> {
  await pool.query(
    `insert into client (client_id, role, name) select id, 'admin', id from unnest($1::text[]) as id
      on conflict do nothing`,
    [[AUTHOR, APPROVER]],
  )
}
