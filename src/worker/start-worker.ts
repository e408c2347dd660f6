import type { WorkerContext } from '../context.ts'
import { listTiers } from '../db/agencies.ts'
import { listen } from '../db/notifications.ts'
import { feedQueue } from '../delivery/feed-queue.ts'
import { reconcile } from '../delivery/reconcile.ts'
import { relayOutbox } from '../delivery/relay-outbox.ts'
import type { TierCode } from '../domain/tier.ts'
import { type DeliverQueues, openDeliverQueues } from '../queue/deliver-queues.ts'
import { startConsumers } from './consumers.ts'
import { startLoop } from './loop.ts'
import { stampingRound } from './stamp-loop.ts'
import { Watchdog } from './watchdog.ts'

const RELAY_EVERY_MS = 500
const FEED_EVERY_MS = 250
const RECONCILE_EVERY_MS = 2_000
const WATCH_EVERY_MS = 5_000
const STAMP_EVERY_MS = 1_000

export interface RunningWorker {
  readonly tiers: readonly TierCode[]
  /** Whether work that waits is being consumed. */
  isReady(): boolean
  /** Stops taking work, gives what is under way until `deadlineMs` to end, and lets everything go. */
  stop(deadlineMs: number): Promise<void>
}

/**
 * Starts the consumers of the tiers that this process serves, and the loops that feed them.
 * @param onStuck told, again and again, of tiers whose jobs wait and are not consumed, and of loops (`loop:…`) that
 *   hang: this process should end
 */
export async function startWorker(
  context: WorkerContext,
  onStuck: (what: string[]) => void,
  watchdog = new Watchdog(),
): Promise<RunningWorker> {
  const { config, pool, log } = context
  const tiers = config.worker.tiers.length > 0 ? config.worker.tiers : await listTiers(pool)
  const warn = (message: string) => (error: Error) => log.warn({ err: error }, message)
  const queues = openDeliverQueues(
    config.queue,
    warn('the queue does not answer; the outbox keeps what it is owed'),
  )

  const saw = (tier: TierCode) => watchdog.saw(tier, performance.now())
  for (const tier of tiers) saw(tier)
  const turned = (loop: string) => watchdog.turned(loop, performance.now())
  const watchedLoop = (name: string, everyMs: number, round: () => Promise<unknown>, failure: string) => {
    turned(name)
    return startLoop(everyMs, () => round().finally(() => turned(name)), warn(failure))
  }
  const relay = watchedLoop(
    'relay',
    RELAY_EVERY_MS,
    () => relayOutbox(pool, queues, () => turned('relay')),
    'the outbox could not be relayed',
  )
  const feeder = watchedLoop(
    'feed',
    FEED_EVERY_MS,
    async () => {
      if ((await feedQueue(pool, queues)) > 0) relay.wake()
    },
    'the queue could not be fed',
  )
  const consumers = startConsumers(context, tiers, {
    onJob: saw,
    onQueued: relay.wake,
    onError: warn('a consumer lost the queue or the database; it will come back'),
  })
  const reconciler = watchedLoop(
    'reconcile',
    RECONCILE_EVERY_MS,
    async () => {
      const queued = await reconcile(pool, queues)
      if (queued !== undefined && queued > 0) relay.wake()
    },
    'deliveries could not be reconciled',
  )
  const ending = new AbortController()
  const stamper = watchedLoop(
    'stamp',
    STAMP_EVERY_MS,
    stampingRound(context, () => turned('stamp'), ending.signal),
    'seals could not be lifted',
  )
  const watch = watchedLoop(
    'watch',
    WATCH_EVERY_MS,
    () => observe(tiers, queues, watchdog, onStuck),
    'the queues could not be watched',
  )
  const listener = listen(
    config.databaseUrl,
    ['tram_outbox'],
    () => relay.wake(),
    warn('the outbox notifications broke; the relay polls'),
  )
  log.info({ tiers, queue: config.queue.kind }, 'worker started')

  return {
    tiers,
    isReady: () => watchdog.isReady(performance.now()),
    async stop(deadlineMs) {
      ending.abort()
      const loops = [
        relay.stop(),
        feeder.stop(),
        reconciler.stop(),
        stamper.stop(),
        watch.stop(),
        listener.close(),
      ]
      await consumers.stop(deadlineMs)
      await Promise.all(loops)
      await queues.close()
    },
  }
}

/** A tier that has nothing waiting is not starving. */
async function observe(
  tiers: readonly TierCode[],
  queues: DeliverQueues,
  watchdog: Watchdog,
  onStuck: (what: string[]) => void,
): Promise<void> {
  const look = async (tier: TierCode) => {
    // A queue that does not answer has nothing that could be consumed: restarting this process would not help.
    const waiting = await queues.waiting(tier).catch(() => 0)
    if (waiting === 0) watchdog.saw(tier, performance.now())
  }
  await Promise.all(tiers.map(look))
  const stuck = watchdog.stuck(performance.now())
  if (stuck.length > 0) onStuck(stuck)
}
