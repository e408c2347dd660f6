import { recordEvents } from '../audit/record-events.ts'
import { lockDelivery, restartDelivery } from '../db/admin-deliveries.ts'
import { type DeliveryRecord, withdrawDeliveries } from '../db/deliveries.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { AuditEventKind } from '../domain/audit-event.ts'
import type { Caller } from '../domain/caller.ts'
import { DELIVERY_STATES } from '../domain/delivery-state.ts'
import type { DeliveryKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'

type Author = Pick<Caller, 'clientId'>

/**
 * Lets a delivery that was given up begin anew, with all of its attempts before it.
 * @throws GatewayError `not-found`, `delivery-state-conflict` where it has not failed
 */
export function retryDelivery(pool: Pool, author: Author, key: DeliveryKey): Promise<void> {
  return inTransaction(pool, async (db) => {
    const before = await locked(db, key)
    if (!(await restartDelivery(db, key))) throw stateConflict(before)
    await record(db, 'delivery-retried', author, before, {
      before: { state: before.state, attempts: before.attempts, reason: before.reason },
      after: { state: 'waiting', attempts: 0 },
    })
  })
}

/**
 * Withdraws a delivery that was not handed over: its recipient never got the document and never will by it.
 * @throws GatewayError `not-found`, `delivery-state-conflict` where the recipient may hold the document already
 */
export function cancelDelivery(
  pool: Pool,
  author: Author,
  key: DeliveryKey,
  explanation: string,
): Promise<void> {
  return inTransaction(pool, async (db) => {
    const before = await locked(db, key)
    const reason = {
      code: 'cancelled',
      actor: author.clientId,
      ...(before.mayHaveLeft && { mayHaveLeft: true }),
      explanation: {
        vi: `Quản trị hủy: ${explanation}`,
        en: `Cancelled by an administrator: ${explanation}`,
      },
    }
    if ((await withdrawDeliveries(db, [key], reason)) !== 1) throw stateConflict(before)
    await record(db, 'delivery-cancelled', author, before, {
      before: { state: before.state, reason: before.reason },
      after: { state: 'withdrawn', reason },
    })
  })
}

async function locked(db: Transaction, key: DeliveryKey): Promise<DeliveryRecord> {
  const delivery = await lockDelivery(db, key)
  if (delivery === undefined) throw new GatewayError('not-found')
  return delivery
}

const record = (
  db: Transaction,
  kind: AuditEventKind,
  author: Author,
  delivery: DeliveryRecord,
  detail: Record<string, unknown>,
) =>
  recordEvents(db, [
    {
      kind,
      actor: author.clientId,
      agency: delivery.recipient,
      document: delivery.document,
      delivery: delivery.key,
      detail,
    },
  ])

function stateConflict({ state }: DeliveryRecord): GatewayError {
  const { label } = DELIVERY_STATES[state]
  return new GatewayError('delivery-state-conflict', {
    detail: { vi: `Trạng thái hiện tại: ${label.vi}.`, en: `It is now: ${label.en}.` },
  })
}
