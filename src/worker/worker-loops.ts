import type { WorkerContext } from '../context.ts'
import { askForReceipts } from '../delivery/axis-receipts.ts'
import { deliverLocally } from '../delivery/deliver-locally.ts'
import { feedQueue } from '../delivery/feed-queue.ts'
import { reconcile } from '../delivery/reconcile.ts'
import type { TierCode } from '../domain/tier.ts'
import type { DeliverQueues } from '../queue/deliver-queues.ts'
import { inFlightRound } from './in-flight-loop.ts'
import { mendedRound } from './mended-loop.ts'
import { stampingRound } from './stamp-loop.ts'

/** What a worker does again and again, beside consuming jobs. */
export interface WorkerLoop {
  readonly name: string
  readonly everyMs: number
  readonly round: () => Promise<unknown>
  /** Told where a round fails; the next one tries again. */
  readonly failure: string
  /** Between two rounds at least. */
  readonly restMs?: number
}

export interface LoopSurroundings {
  /** Those that this process serves. */
  readonly tiers: readonly TierCode[]
  /** Tells that a loop gets on. */
  readonly turned: (loop: string) => void
  readonly wakeRelay: () => void
  readonly ending: AbortSignal
}

/** The loops that find what has to be done by itself, one row each. */
export function workerLoops(
  context: WorkerContext,
  queues: DeliverQueues,
  { tiers, turned, wakeRelay, ending }: LoopSurroundings,
): WorkerLoop[] {
  const { pool } = context
  return [
    {
      name: 'feed',
      everyMs: 250,
      round: async () => {
        if ((await feedQueue(pool, queues)) > 0) wakeRelay()
      },
      failure: 'the queue could not be fed',
    },
    {
      name: 'local-due',
      everyMs: 250,
      round: () => deliverLocally(context, 'due', tiers, { onBatch: () => turned('local-due'), ending }),
      failure: 'what has become due could not be put into inboxes',
    },
    {
      name: 'reconcile',
      everyMs: 2_000,
      round: async () => {
        const queued = await reconcile(pool, queues)
        if (queued !== undefined && queued > 0) wakeRelay()
      },
      failure: 'deliveries could not be reconciled',
    },
    {
      name: 'stamp',
      everyMs: 1_000,
      round: stampingRound(context, () => turned('stamp'), ending),
      failure: 'seals could not be lifted',
    },
    {
      name: 'axis-receipts',
      everyMs: 5_000,
      round: () => askForReceipts(context, () => turned('axis-receipts'), ending),
      failure: 'other exchanges could not be asked for receipts',
    },
    {
      name: 'damaged-blobs',
      everyMs: 30_000,
      round: mendedRound(context, () => turned('damaged-blobs'), ending),
      failure: 'blobs that were found damaged could not be looked at again',
    },
    {
      name: 'in-flight',
      everyMs: 1_000,
      round: inFlightRound(context, () => turned('in-flight'), ending),
      failure: 'deliveries to agencies that closed could not be looked at',
    },
  ]
}
