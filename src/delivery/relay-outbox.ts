import { takeOutbox } from '../db/outbox.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { DeliverQueues } from '../queue/deliver-queues.ts'
import { passStep } from '../step.ts'

const BATCH = 500
/** Longer than the queue is waited for; a relay that is frozen keeps its batch from the others for no longer. */
const IDLE_TIMEOUT_MS = 8_000

/**
 * Tells the queue of everything in the outbox. What the queue could not be told stays in the outbox; what it was told
 * just before this process died is told again, and is the same job. Returns how many items were handed on; `onBatch` is
 * told each time that some were.
 */
export async function relayOutbox(
  pool: Pool,
  queues: DeliverQueues,
  onBatch: () => void = () => undefined,
): Promise<number> {
  let relayed = 0
  for (;;) {
    const items = await inTransaction(
      pool,
      async (db) => {
        const taken = await takeOutbox(db, BATCH)
        if (taken.length === 0) return 0
        passStep('relay-taken')
        await queues.add(taken)
        passStep('relay-told')
        return taken.length
      },
      { idleTimeoutMs: IDLE_TIMEOUT_MS },
    )
    relayed += items
    onBatch()
    if (items < BATCH) return relayed
  }
}
