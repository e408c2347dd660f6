import { type RevisionNote, revisionsTouching } from '../../db/draft-bases.ts'
import { lockDraft } from '../../db/drafts.ts'
import type { Transaction } from '../../db/pool.ts'
import { findRoutingTable } from '../../db/routing.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { Draft } from '../../domain/draft.ts'
import type { TableRule } from '../../domain/routing-rule.ts'
import { inSlices } from '../slices.ts'
import type { Actor, DraftDependencies } from './dependencies.ts'
import { diffRules, type RulesDiff } from './diff-rules.ts'
import { recordDraftEvent } from './draft-events.ts'
import { worldOf } from './judgement.ts'
import { handleOf, headOf } from './kinds.ts'
import { mergeRules } from './merge-rules.ts'
import { checkStep, checkVersion, noSuchDraft } from './refusals.ts'
import { inTurn } from './turns.ts'
import { writeVersion } from './write-draft.ts'

/** What changed beneath a draft since it was made. */
export interface Underneath {
  /** Revisions of the directory that touched what the draft is about. */
  readonly revisions: readonly RevisionNote[]
  /** What became of the routing table; null for the directory. */
  readonly rules: RulesDiff | null
  /** Rules that both changed: as the draft has them, to be looked at. */
  readonly conflicts: readonly string[]
  /** Both put rules into another order: as the draft has it. */
  readonly isOrderContested: boolean
}

/**
 * Makes a draft anew from the latest revision, and says what changed underneath. A table takes over what others
 * changed and the draft did not. Whoever does this is an author from now on, and no approval of before counts.
 * @throws GatewayError `not-found`, `revision-conflict` where there is a later version, `delivery-state-conflict`
 */
export function rebaseDraft(
  dependencies: DraftDependencies,
  author: Actor,
  id: string,
  seenVersion: number,
): Promise<{ readonly draft: Draft; readonly underneath: Underneath }> {
  const work = async (db: Transaction) => {
    const before = await lockDraft(db, id)
    if (before === undefined) throw noSuchDraft(id)
    checkStep(before, 'rebase')
    checkVersion(before, seenVersion)
    const { content, underneath } = await onLatest(dependencies, db, before)
    const { title, effectiveAt } = before
    const base = await headOf(db, before.kind)
    const draft = await writeVersion(db, author, before, { title, effectiveAt, base, content })
    await recordDraftEvent(db, 'draft-edited', author.clientId, draft, {
      before: { version: before.version, contentSha256: before.contentSha256 },
      rebasedFrom: before.base,
      base,
    })
    return { draft, underneath }
  }
  return inTurn(() => inTransaction(dependencies.pool, work), dependencies.signal)
}

function onLatest(
  dependencies: DraftDependencies,
  db: Transaction,
  draft: Draft,
): Promise<{ readonly content: Draft['content']; readonly underneath: Underneath }> {
  return draft.kind === 'directory' ? actsOnLatest(dependencies, db, draft) : rulesOnLatest(db, draft)
}

/** Acts say what is to be, whatever was before: they stay as they are. */
async function actsOnLatest(dependencies: DraftDependencies, db: Transaction, draft: Draft<'directory'>) {
  const judging = handleOf(draft).judge(await worldOf(dependencies, db))
  const { subjects } = await inSlices(judging, dependencies.signal)
  const revisions = await revisionsTouching(db, draft.base, subjects)
  return {
    content: draft.content,
    underneath: { revisions, rules: null, conflicts: [], isOrderContested: false },
  }
}

async function rulesOnLatest(db: Transaction, draft: Draft<'routing'>) {
  const rulesOf = async (revision: number): Promise<readonly TableRule[]> =>
    (await findRoutingTable(db, revision))?.rules ?? []
  const [base, live] = [await rulesOf(draft.base), await rulesOf(await headOf(db, 'routing'))]
  const { rules, conflicts, isOrderContested } = mergeRules(base, draft.content, live)
  return {
    content: rules,
    underneath: { revisions: [], rules: diffRules(base, live), conflicts, isOrderContested },
  }
}
