import { recordEvents } from '../audit/record-events.ts'
import { findArrival, reopenArrival } from '../db/admin-arrivals.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import { ARRIVAL_STATES } from '../domain/axis/arrival.ts'
import type { Caller } from '../domain/caller.ts'
import { GatewayError } from '../domain/problem.ts'

/**
 * Lets a packet that was refused begin anew: as it was fetched, or fetched again where it never was.
 * @throws GatewayError `not-found`, `delivery-state-conflict` where it is not refused
 */
export function retryArrival(pool: Pool, author: Pick<Caller, 'clientId'>, id: string): Promise<void> {
  return inTransaction(pool, async (db) => {
    const before = await reopenArrival(db, id)
    if (before === undefined) {
      const now = await findArrival(db, id)
      if (now === undefined) throw new GatewayError('not-found')
      const { vi, en } = ARRIVAL_STATES[now.state].label
      throw new GatewayError('delivery-state-conflict', {
        detail: { vi: `Trạng thái hiện tại: ${vi}.`, en: `It is now: ${en}.` },
      })
    }
    const { connector, remoteId, messageType, problem } = before
    const detail = { arrival: id, connector, remoteId, messageType, problem: problem?.code }
    await recordEvents(db, [{ kind: 'arrival-retried', actor: author.clientId, detail }])
  })
}
