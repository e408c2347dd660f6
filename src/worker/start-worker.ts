import type { WorkerContext } from '../context.ts'
import { listTiers } from '../db/agencies.ts'
import { listen } from '../db/notifications.ts'
import { deliverLocally } from '../delivery/deliver-locally.ts'
import { relayOutbox } from '../delivery/relay-outbox.ts'
import type { TierCode } from '../domain/tier.ts'
import { type DeliverQueues, openDeliverQueues } from '../queue/deliver-queues.ts'
import { startConsumers } from './consumers.ts'
import { startLoop } from './loop.ts'
import { Watchdog } from './watchdog.ts'
import { type WorkerLoop, workerLoops } from './worker-loops.ts'

const RELAY_EVERY_MS = 500
/** What is accepted meanwhile goes into inboxes by one commit; for its recipients this is the delay. */
const LOCAL_REST_MS = 40
const WATCH_EVERY_MS = 5_000

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
  const watchedLoop = ({ name, everyMs, round, failure, restMs }: WorkerLoop) => {
    turned(name)
    return startLoop(everyMs, () => round().finally(() => turned(name)), warn(failure), restMs)
  }
  const ending = new AbortController()
  const relay = watchedLoop({
    name: 'relay',
    everyMs: RELAY_EVERY_MS,
    round: () => relayOutbox(pool, queues, () => turned('relay')),
    failure: 'the outbox could not be relayed',
  })
  // Apart from the relay, which waits for the queue's server where that is slow or away.
  const local = watchedLoop({
    name: 'local',
    everyMs: RELAY_EVERY_MS,
    restMs: LOCAL_REST_MS,
    round: async () => {
      const pace = { onBatch: () => turned('local'), ending: ending.signal }
      const { toTell } = await deliverLocally(context, 'outbox', tiers, pace)
      if (toTell) relay.wake()
    },
    failure: 'what was accepted could not be put into inboxes',
  })
  const loops = [
    relay,
    local,
    ...workerLoops(context, queues, { tiers, turned, wakeRelay: relay.wake, ending: ending.signal }).map(
      watchedLoop,
    ),
    watchedLoop({
      name: 'watch',
      everyMs: WATCH_EVERY_MS,
      round: () => observe(tiers, queues, watchdog, onStuck),
      failure: 'the queues could not be watched',
    }),
  ]
  const consumers = startConsumers(context, tiers, {
    onJob: saw,
    onQueued: relay.wake,
    onError: warn('a consumer lost the queue or the database; it will come back'),
  })
  const listener = listen(
    config.databaseUrl,
    ['tram_outbox'],
    () => local.wake(),
    warn('the outbox notifications broke; the relay polls'),
    context.databaseWatch,
  )
  log.info({ tiers, queue: config.queue.kind }, 'worker started')

  return {
    tiers,
    isReady: () => watchdog.isReady(performance.now()),
    async stop(deadlineMs) {
      ending.abort()
      const stopped = [...loops.map((loop) => loop.stop()), listener.close()]
      await consumers.stop(deadlineMs)
      await Promise.all(stopped)
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
