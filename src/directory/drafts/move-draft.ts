import { findDraft, lockDraft, setDraftState } from '../../db/drafts.ts'
import type { Pool, Transaction } from '../../db/pool.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { Draft } from '../../domain/draft.ts'
import { GatewayError } from '../../domain/problem.ts'
import { inSlices } from '../slices.ts'
import type { Actor, DraftDependencies } from './dependencies.ts'
import { recordDraftEvent } from './draft-events.ts'
import { worldOf } from './judgement.ts'
import { handleOf } from './kinds.ts'
import { checkStep, checkVersion, draftConflict, noSuchDraft } from './refusals.ts'
import { inTurn } from './turns.ts'

/** @throws GatewayError `not-found` */
export async function getDraft(pool: Pool, id: string): Promise<Draft> {
  const draft = await findDraft(pool, id)
  if (draft === undefined) throw noSuchDraft(id)
  return draft
}

/**
 * Says that a draft is done and waits for a second person. It is judged here, and again when it is applied.
 * @throws GatewayError `request-invalid` with everything that refuses it, `revision-conflict` where what it was made
 *   from has changed or there is a later version, `delivery-state-conflict`, `not-found`
 */
export const submitDraft = (
  dependencies: DraftDependencies,
  actor: Actor,
  id: string,
  seenVersion: number,
): Promise<Draft> =>
  inTurn(
    () => inTransaction(dependencies.pool, (db) => submitDraftIn(dependencies, db, actor, id, seenVersion)),
    dependencies.signal,
  )

export async function submitDraftIn(
  dependencies: DraftDependencies,
  db: Transaction,
  actor: Actor,
  id: string,
  seenVersion: number,
): Promise<Draft> {
  const draft = await lockDraft(db, id)
  if (draft === undefined) throw noSuchDraft(id)
  checkStep(draft, 'submit')
  checkVersion(draft, seenVersion)
  const handle = handleOf(draft)
  const judgement = await inSlices(handle.judge(await worldOf(dependencies, db)), dependencies.signal)
  const conflict = await handle.conflict(db, judgement)
  if (conflict !== null) throw draftConflict(conflict)
  if (judgement.errors.length > 0) throw new GatewayError('request-invalid', { faults: judgement.errors })
  await setDraftState(db, id, 'submitted', judgement.warnings)
  await recordDraftEvent(db, 'draft-submitted', actor.clientId, draft, {
    warnings: judgement.warnings.map(({ code }) => code).slice(0, 100),
  })
  return { ...draft, state: 'submitted', warnings: judgement.warnings, conflict: null }
}

/** Takes a submitted draft back for more writing. @throws GatewayError `not-found`, `delivery-state-conflict` */
export const reopenDraft = (pool: Pool, actor: Actor, id: string): Promise<Draft> =>
  move(pool, actor, id, 'reopen', 'open')

/** Gives a draft up for good. @throws GatewayError `not-found`, `delivery-state-conflict` */
export const withdrawDraft = (pool: Pool, actor: Actor, id: string): Promise<Draft> =>
  move(pool, actor, id, 'withdraw', 'withdrawn')

const EVENT = { reopen: 'draft-reopened', withdraw: 'draft-withdrawn' } as const

/** As `withdrawDraft`, in a transaction that is under way. */
export const withdrawDraftIn = (db: Transaction, actor: Actor, id: string): Promise<Draft> =>
  moveIn(db, actor, id, 'withdraw', 'withdrawn')

const move = (
  pool: Pool,
  actor: Actor,
  id: string,
  step: keyof typeof EVENT,
  state: 'open' | 'withdrawn',
): Promise<Draft> => inTransaction(pool, (db) => moveIn(db, actor, id, step, state))

async function moveIn(
  db: Transaction,
  actor: Actor,
  id: string,
  step: keyof typeof EVENT,
  state: 'open' | 'withdrawn',
): Promise<Draft> {
  const draft = await lockDraft(db, id)
  if (draft === undefined) throw noSuchDraft(id)
  checkStep(draft, step)
  await setDraftState(db, id, state, [])
  await recordDraftEvent(db, EVENT[step], actor.clientId, draft)
  return { ...draft, state, warnings: [], conflict: null }
}
