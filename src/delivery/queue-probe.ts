import type { TierCode } from '../domain/tier.ts'
import type { QueueConnection } from '../queue/backend.ts'
import { openDeliverQueues } from '../queue/deliver-queues.ts'
import type { QueueDepth } from './probe-queue.ts'

/** Looks at the queue again and again over the connections of its first look. */
export interface QueueProbe {
  readonly kind: QueueConnection['kind']
  /**
   * How much the queue holds of each tier.
   * @throws Error where it does not answer within two seconds
   */
  depths(tiers: readonly TierCode[]): Promise<QueueDepth[]>
  close(): Promise<void>
}

const PATIENCE_MS = 2_000

/** Connects at the first look, so that whoever never looks needs no queue. */
export function createQueueProbe(connection: QueueConnection): QueueProbe {
  // A queue that is away is told by the look that fails.
  const queues = openDeliverQueues(connection, () => undefined)
  const look = (tiers: readonly TierCode[]): Promise<QueueDepth[]> =>
    Promise.all(tiers.map(async (tier) => ({ tier, depth: await queues.depth(tier) })))
  return {
    kind: connection.kind,
    async depths(tiers) {
      let timer: NodeJS.Timeout | undefined
      const limit = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error('the queue does not answer')), PATIENCE_MS)
      })
      try {
        return await Promise.race([look(tiers), limit])
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => queues.close(),
  }
}
