import { isDeepStrictEqual } from 'node:util'
import { listWaitingDrafts, lockAuthor } from '../db/author-drafts.ts'
import { lockDraft, setDraftWarnings } from '../db/drafts.ts'
import type { Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Actor, DraftDependencies } from '../directory/drafts/dependencies.ts'
import { recordDraftEvent } from '../directory/drafts/draft-events.ts'
import { submitDraftIn, withdrawDraftIn } from '../directory/drafts/move-draft.ts'
import { inTurn } from '../directory/drafts/turns.ts'
import { createDraftIn, writeVersion } from '../directory/drafts/write-draft.ts'
import type { Act } from '../domain/directory/act.ts'
import type { Draft } from '../domain/draft.ts'
import { type SyncRemark, shownRemarks } from './sync-remarks.ts'

export interface SyncProposal {
  /** As whom the exchange is on record. */
  readonly author: Actor
  readonly title: string
  readonly content: readonly Act[]
  /** The revision of the directory that it was compared with. */
  readonly base: number
  readonly remarks: readonly SyncRemark[]
}

/**
 * - nothing: there is nothing to change, and a draft of an earlier round was withdrawn;
 * - proposed: a draft was submitted, or an earlier one is replaced;
 * - waiting: an earlier draft says just this, and waits;
 * - held: an administrator has opened the draft or written in it, and it is left to him.
 */
export interface Proposed {
  readonly outcome: 'nothing' | 'proposed' | 'waiting' | 'held'
  readonly draft: string | null
}

/**
 * Submits a draft in the name of an exchange. It has one at a time: what an earlier round has left is replaced.
 * @throws GatewayError as `submitDraft`
 */
export const proposeSync = (dependencies: DraftDependencies, proposal: SyncProposal): Promise<Proposed> =>
  inTurn(
    () => inTransaction(dependencies.pool, (db) => proposeIn(dependencies, db, proposal)),
    dependencies.signal,
  )

async function proposeIn(
  dependencies: DraftDependencies,
  db: Transaction,
  proposal: SyncProposal,
): Promise<Proposed> {
  const { author, content } = proposal
  await lockAuthor(db, author.clientId)
  const [waiting] = await listWaitingDrafts(db, author.clientId, 'directory', 1)
  const before = waiting && (await lockDraft(db, waiting.id))
  if (waiting === undefined || before === undefined) {
    if (content.length === 0) return { outcome: 'nothing', draft: null }
    const created = await createDraftIn(db, author, { kind: 'directory', ...contentOf(proposal) })
    return submit(dependencies, db, proposal, created)
  }
  if (before.state === 'open' || waiting.version !== waiting.written)
    return { outcome: 'held', draft: waiting.id }
  const isAsTold = isDeepStrictEqual(dayless(waiting.content), dayless(content))
  if (isAsTold && before.conflict === null) return { outcome: 'waiting', draft: waiting.id }
  if (content.length > 0) return submit(dependencies, db, proposal, await replace(db, proposal, before))
  await withdrawDraftIn(db, author, waiting.id)
  return { outcome: 'nothing', draft: null }
}

const contentOf = ({ title, content, base }: SyncProposal) => ({ title, content, base })

async function replace(db: Transaction, proposal: SyncProposal, before: Draft): Promise<Draft> {
  const { author } = proposal
  const after = await writeVersion(db, author, before, { ...contentOf(proposal), effectiveAt: null })
  await recordDraftEvent(db, 'draft-edited', author.clientId, after, {
    before: { version: before.version, contentSha256: before.contentSha256 },
  })
  return after
}

/** What was left out is told beside what the acts themselves are warned of. */
async function submit(
  dependencies: DraftDependencies,
  db: Transaction,
  { author, remarks }: SyncProposal,
  { id, version }: Draft,
): Promise<Proposed> {
  const { warnings } = await submitDraftIn(dependencies, db, author, id, version)
  if (remarks.length > 0) await setDraftWarnings(db, id, version, [...warnings, ...shownRemarks(remarks)])
  return { outcome: 'proposed', draft: id }
}

/** The same wish on another day is the same. */
const dayless = (acts: readonly Act[]): readonly object[] => acts.map((act) => ({ ...act, on: '' }))
