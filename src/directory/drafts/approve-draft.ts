import { lockClient } from '../../db/clients.ts'
import { lastSetByOperator, listCredentialTies } from '../../db/credential-ties.ts'
import {
  findDraft,
  findDraftEdit,
  insertApproval,
  lockDraft,
  markApplied,
  setDraftConflict,
  setDraftWarnings,
} from '../../db/drafts.ts'
import type { Transaction } from '../../db/pool.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { Draft, DraftConflict } from '../../domain/draft.ts'
import type { Fault } from '../../domain/fault.ts'
import { GatewayError } from '../../domain/problem.ts'
import { inSlices } from '../slices.ts'
import type { Actor, DraftDependencies } from './dependencies.ts'
import { recordDraftEvent } from './draft-events.ts'
import { worldOf } from './judgement.ts'
import { handleOf, lockRevisions } from './kinds.ts'
import { type ApprovalObjection, approvalObjection, type Seen } from './may-approve.ts'
import { approvalRefused, draftConflict, noSuchDraft, warningsChanged } from './refusals.ts'
import { inTurn } from './turns.ts'

/** Why an approval came to nothing: it is rolled back, and then put on record. */
type Refused =
  | { readonly objection: ApprovalObjection }
  | { readonly conflict: DraftConflict }
  | { readonly errors: readonly Fault[] }
  | { readonly warnings: readonly Fault[] }

/** Ends the transaction of an approval that is refused. */
class ApprovalRolledBack extends Error {
  readonly refused: Refused
  readonly draft: Draft
  constructor(draft: Draft, refused: Refused) {
    super('the approval is refused')
    this.draft = draft
    this.refused = refused
  }
}

/**
 * The second person's word: approves exactly what he has seen, and with it the draft becomes a revision, all of it or
 * nothing. What is refused leaves no trace but its record.
 * @throws GatewayError `approval-refused` with the reason, `revision-conflict` where what the draft was made from has
 *   changed since, `request-invalid` where it no longer fits the directory, `not-found`
 */
export async function approveDraft(
  dependencies: DraftDependencies,
  approver: Actor,
  id: string,
  seen: Seen,
): Promise<Draft> {
  try {
    const work = (db: Transaction) => approveIn(dependencies, db, approver, id, seen)
    return await inTurn(() => inTransaction(dependencies.pool, work, { durable: true }), dependencies.signal)
  } catch (thrown) {
    if (!(thrown instanceof ApprovalRolledBack)) throw thrown
    throw await recordRefusal(dependencies, approver, thrown)
  }
}

async function approveIn(
  dependencies: DraftDependencies,
  db: Transaction,
  approver: Actor,
  id: string,
  seen: Seen,
): Promise<Draft> {
  const draft = await lockDraft(db, id)
  if (draft === undefined) throw noSuchDraft(id)
  const objection = await objectionTo(db, draft, approver, seen)
  if (objection !== undefined) throw new ApprovalRolledBack(draft, { objection })
  await lockRevisions(db)
  const handle = handleOf(draft)
  const judgement = await inSlices(handle.judge(await worldOf(dependencies, db)), dependencies.signal)
  const conflict = await handle.conflict(db, judgement)
  if (conflict !== null) throw new ApprovalRolledBack(draft, { conflict })
  const { errors, warnings } = judgement
  if (errors.length > 0) throw new ApprovalRolledBack(draft, { errors })
  if (warnings.some((warning) => !isKnown(warning, draft.warnings)))
    throw new ApprovalRolledBack(draft, { warnings })
  await insertApproval(db, draft, approver.clientId)
  const edit = await findDraftEdit(db, id, draft.version)
  const by = { author: edit?.author ?? '', approver: approver.clientId }
  const { revision, effectiveFrom } = await handle.apply(db, by, judgement)
  await markApplied(db, id, revision, effectiveFrom)
  await recordDraftEvent(db, 'draft-approved', approver.clientId, draft)
  await recordDraftEvent(db, 'draft-applied', by.author, draft, { revision, effectiveFrom, ...by })
  const applied = await findDraft(db, id)
  if (applied === undefined) throw new GatewayError('internal-error')
  return applied
}

async function objectionTo(
  db: Transaction,
  draft: Draft,
  { clientId }: Actor,
  seen: Seen,
): Promise<ApprovalObjection | undefined> {
  const client = await lockClient(db, clientId)
  if (client === undefined) return 'approver-no-administrator'
  const setByOperatorAt = await lastSetByOperator(db, clientId)
  return approvalObjection(
    draft,
    { ...client, setByOperatorAt },
    seen,
    await listCredentialTies(db, draft.authors),
  )
}

const isKnown = (warning: Fault, known: readonly Fault[]): boolean =>
  known.some(
    ({ code, path, found }) => code === warning.code && path === warning.path && found === warning.found,
  )

/** Puts a refusal on record in a transaction of its own, keeps what is to be seen of it, and gives the error. */
function recordRefusal(
  { pool }: DraftDependencies,
  { clientId }: Actor,
  { draft, refused }: ApprovalRolledBack,
): Promise<GatewayError> {
  return inTransaction(pool, async (db) => {
    if ('objection' in refused) {
      await recordDraftEvent(db, 'approval-refused', clientId, draft, { reason: refused.objection })
      return approvalRefused(refused.objection)
    }
    const refusal = (reason: string, detail: Record<string, unknown> = {}) =>
      recordDraftEvent(db, 'draft-refused', clientId, draft, { reason, ...detail })
    if ('conflict' in refused) {
      await setDraftConflict(db, draft.id, refused.conflict)
      const { subjects, ...revisions } = refused.conflict
      await refusal('revision-conflict', { ...revisions, subjects: subjects.slice(0, 100) })
      return draftConflict(refused.conflict)
    }
    if ('errors' in refused) {
      await refusal('request-invalid', { faults: refused.errors.slice(0, 100).map(({ code }) => code) })
      return new GatewayError('request-invalid', { faults: refused.errors })
    }
    await setDraftWarnings(db, draft.id, draft.version, refused.warnings)
    await refusal('warnings-changed', { faults: refused.warnings.slice(0, 100).map(({ code }) => code) })
    return warningsChanged()
  })
}
