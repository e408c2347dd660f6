import type { OutboxItem } from '../domain/outbox-item.ts'
import type { TierCode } from '../domain/tier.ts'
import { URGENCIES } from '../domain/urgency.ts'
import { type BullQueue, type JobState, openQueue, type QueueConnection } from './backend.ts'
import { letQueueGo } from './let-go.ts'

/** Each tier has its own queue, so that a circular to every commune holds up nobody else. */
export const deliverQueueName = (tier: TierCode): string => `deliver.${tier}`

/** The producers' side of the queues of all tiers. */
export interface DeliverQueues {
  /** @throws where the queue cannot be told: the caller keeps the items */
  add(items: readonly OutboxItem[]): Promise<void>
  /** Jobs of a tier that wait or are being worked on. */
  depth(tier: TierCode): Promise<number>
  /** Jobs of a tier that wait for a worker. */
  waiting(tier: TierCode): Promise<number>
  close(): Promise<void>
}

const PATIENCE_MS = 5_000

/** Opens queues as they are needed: a producer must start, and the API accept, while the queue's server is away. */
export function openDeliverQueues(
  connection: QueueConnection,
  onError: (error: Error) => void,
): DeliverQueues {
  const queues = new Map<TierCode, BullQueue>()
  const open = (tier: TierCode): BullQueue => {
    const queue = openQueue(connection, deliverQueueName(tier))
    queue.on('error', onError)
    queues.set(tier, queue)
    return queue
  }
  const queueOf = async (tier: TierCode): Promise<BullQueue> => {
    const queue = queues.get(tier) ?? open(tier)
    try {
      await queue.waitUntilReady()
      return queue
    } catch (error) {
      if (queues.get(tier) === queue) queues.delete(tier)
      void letQueueGo(queue)
      throw error
    }
  }
  const countJobs = async (tier: TierCode, ...states: JobState[]): Promise<number> => {
    const counting = queueOf(tier).then((queue) => queue.getJobCounts(...states))
    const counts = await withinPatience(counting)
    return Object.values(counts).reduce((sum, count) => sum + count, 0)
  }
  return {
    async add(items) {
      const tiers = [...new Set(items.map((item) => item.tier))]
      await Promise.all(
        tiers.map((tier) => {
          const jobs = items.filter((item) => item.tier === tier).map(toJob)
          return withinPatience(queueOf(tier).then((queue) => queue.addBulk(jobs)))
        }),
      )
    },
    depth: (tier) => countJobs(tier, 'waiting', 'prioritized', 'active'),
    waiting: (tier) => countJobs(tier, 'waiting', 'prioritized'),
    async close() {
      await Promise.all([...queues.values()].map(letQueueGo))
    },
  }
}

const toJob = (item: OutboxItem) => ({
  name: 'deliver' as const,
  data: { delivery: item.delivery },
  // The same wake-up twice is one job; after each attempt the epoch, and so the id, is another.
  opts: { jobId: `d-${item.delivery}-${item.epoch}`, priority: URGENCIES[item.urgency].queuePriority },
})

/** Some waits inside the client have no limit of their own while the server is away. */
async function withinPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the queue does not answer')), PATIENCE_MS)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
