import { listTiers } from '../db/agencies.ts'
import type { Pool } from '../db/pool.ts'
import type { QueueConnection } from '../queue/backend.ts'
import { openDeliverQueues } from '../queue/deliver-queues.ts'

export interface QueueDepth {
  readonly tier: string
  /** Jobs that wait or are being worked on. */
  readonly depth: number
}

/** How much the queue holds of each tier. @throws Error where it does not answer within five seconds */
export async function probeQueue(pool: Pool, connection: QueueConnection): Promise<QueueDepth[]> {
  const queues = openDeliverQueues(connection, () => undefined)
  try {
    const tiers = await listTiers(pool)
    return await Promise.all(tiers.map(async (tier) => ({ tier, depth: await queues.depth(tier) })))
  } finally {
    await queues.close()
  }
}
