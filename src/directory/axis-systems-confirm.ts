import { replaceProposal } from '../db/axis-systems.ts'
import { lockClient } from '../db/clients.ts'
import { lastSetByOperator, listCredentialTies } from '../db/credential-ties.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import type { AxisProposal, AxisSystem } from '../domain/axis/axis-system.ts'
import { GatewayError } from '../domain/problem.ts'
import { changeSystem, present, putInForce } from './axis-systems.ts'
import { checkAxisSystem } from './axis-systems-check.ts'
import { type ApprovalObjection, approvalObjection } from './drafts/may-approve.ts'
import { approvalRefused } from './drafts/refusals.ts'

/**
 * The second administrator's word on what is proposed for a system: it is in force with it, all of it, as it was seen.
 * Who may give it is judged as for drafts.
 * @param seen SHA-256 (hex) of the proposal that was looked at
 * @throws GatewayError `approval-refused` with the reason; `delivery-state-conflict` where nothing is proposed or the
 *   system is revoked; `request-invalid` where an agency of it is none any more; `not-found`
 */
export function confirmAxisProposal(
  pool: Pool,
  systemId: string,
  seen: string,
  approver: string,
): Promise<AxisSystem> {
  return changeSystem(pool, systemId, approver, async (db, before) => {
    const { proposal } = before
    if (proposal === null) throw nothingProposed()
    const objection = await objectionTo(db, proposal, seen, approver)
    if (objection !== undefined) throw approvalRefused(objection)
    const { proposedBy, proposedAt: _at, sha256: _sha256, ...reach } = proposal
    await checkAxisSystem(db, { ...before, ...reach })
    await putInForce(db, before, { ...before, ...reach }, proposedBy)
    await replaceProposal(db, systemId, null)
    return {
      detail: { change: 'proposal-confirmed', proposedBy, ...reach },
      result: await present(db, systemId),
    }
  })
}

async function objectionTo(
  db: Transaction,
  { proposedBy, proposedAt, sha256 }: AxisProposal,
  seen: string,
  approver: string,
): Promise<ApprovalObjection | undefined> {
  const client = await lockClient(db, approver)
  if (client === undefined) return 'approver-no-administrator'
  return approvalObjection(
    { state: 'submitted', version: 1, contentSha256: sha256, authors: [proposedBy], createdAt: proposedAt },
    { ...client, setByOperatorAt: await lastSetByOperator(db, approver) },
    { version: 1, contentSha256: seen },
    await listCredentialTies(db),
  )
}

const nothingProposed = (): GatewayError =>
  new GatewayError('delivery-state-conflict', {
    detail: {
      vi: 'Không có đề nghị nào chờ xác nhận cho hệ thống này.',
      en: 'Nothing is proposed for this system.',
    },
  })
