import type { WorkerContext } from '../context.ts'
import type { TierCode } from '../domain/tier.ts'
import { startQueueWorker } from '../queue/backend.ts'
import { deliverQueueName } from '../queue/deliver-queues.ts'
import { letWorkerGo } from '../queue/let-go.ts'
import { deliverJob } from './deliver-job.ts'

export interface Consumers {
  /**
   * Takes no more work. What is under way may end in its own time; after `deadlineMs` it is broken off and goes back to
   * be sent by others. Settles soon after that, also where the queue's server is away.
   */
  stop(deadlineMs: number): Promise<void>
}

/** Starts a consumer for each tier. `onJob` is told of every job as it is taken. */
export function startConsumers(
  context: WorkerContext,
  tiers: readonly TierCode[],
  onJob: (tier: TierCode) => void,
  onError: (error: Error) => void,
): Consumers {
  const { config, log } = context
  const stopping = new AbortController()
  const underWay = new Set<Promise<void>>()
  const consumers = tiers.map((tier) => {
    const consume = async (delivery: string) => {
      onJob(tier)
      const work = deliverJob(context, log, delivery, stopping.signal)
      underWay.add(work)
      await work
      underWay.delete(work)
    }
    const { concurrency } = config.worker
    const consumer = startQueueWorker(config.queue, deliverQueueName(tier), consume, { concurrency })
    consumer.on('error', onError)
    return consumer
  })
  return {
    async stop(deadlineMs) {
      const paused = consumers.map((consumer) => consumer.pause().catch(onError))
      const deadline = setTimeout(() => stopping.abort(), deadlineMs)
      while (underWay.size > 0) await Promise.all(underWay)
      clearTimeout(deadline)
      await Promise.all(consumers.map((consumer, index) => letWorkerGo(consumer, paused[index]!)))
    },
  }
}
