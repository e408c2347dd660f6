import type { WorkerContext } from '../context.ts'
import { requeueThese } from '../db/outbox.ts'
import type { TierCode } from '../domain/tier.ts'
import { startQueueWorker } from '../queue/backend.ts'
import { deliverQueueName } from '../queue/deliver-queues.ts'
import { letWorkerGo } from '../queue/let-go.ts'
import { deliverJob } from './deliver-job.ts'
import { startLoop } from './loop.ts'
import { RecipientLines } from './recipient-lines.ts'

export interface Consumers {
  /**
   * Takes no more work. What is under way may end in its own time; after `deadlineMs` it is broken off and goes back to
   * be sent by others. Settles soon after that, also where the queue's server is away.
   */
  stop(deadlineMs: number): Promise<void>
}

/** How often it is looked whether somebody in a recipient's line may go, beside each time that a place becomes free. */
const TURN_EVERY_MS = 1_000
/** The part of a tier's places that one recipient may take. */
const SHARE = 4

export interface ConsumerEvents {
  /** Told of every job as it is taken. */
  readonly onJob: (tier: TierCode) => void
  /** Told that something was put into the outbox. */
  readonly onQueued: () => void
  readonly onError: (error: Error) => void
}

/** Starts a consumer for each tier. */
export function startConsumers(
  context: WorkerContext,
  tiers: readonly TierCode[],
  { onJob, onQueued, onError }: ConsumerEvents,
): Consumers {
  const { config, pool, log } = context
  const { concurrency } = config.worker
  const stopping = new AbortController()
  const ending = new AbortController()
  const signals = { signal: stopping.signal, ending: ending.signal }
  const underWay = new Set<Promise<boolean>>()
  const lines = new RecipientLines(Math.max(1, Math.floor(concurrency / SHARE)))
  // Through the queue, so that other recipients and what is more urgent have their turn too.
  const turns = startLoop(
    TURN_EVERY_MS,
    async () => {
      const keys = lines.next()
      const queued = await requeueThese(pool, keys)
      if (queued > 0) onQueued()
      // Some were fetched or withdrawn while they stood in line.
      if (queued < keys.length) turns.wake()
    },
    onError,
  )
  const consumers = tiers.map((tier) => {
    const consume = async (delivery: string) => {
      onJob(tier)
      const work = deliverJob(context, lines, log, delivery, signals)
      underWay.add(work)
      const placeIsFree = await work
      underWay.delete(work)
      if (placeIsFree) turns.wake()
    }
    const consumer = startQueueWorker(config.queue, deliverQueueName(tier), consume, { concurrency })
    consumer.on('error', onError)
    return consumer
  })
  /** What stands in line goes back at once: other workers need not wait until it seems forgotten. */
  const handBack = () => requeueThese(pool, lines.clear()).catch(onError)
  return {
    async stop(deadlineMs) {
      ending.abort()
      const paused = consumers.map((consumer) => consumer.pause().catch(onError))
      const handed = turns.stop().then(handBack)
      const deadline = setTimeout(() => stopping.abort(), deadlineMs)
      while (underWay.size > 0) await Promise.all(underWay)
      clearTimeout(deadline)
      await handed
      await handBack()
      await Promise.all(consumers.map((consumer, index) => letWorkerGo(consumer, paused[index]!)))
    },
  }
}
