import { Queue } from 'bullmq'
import type { Service } from '../../../scripts/services/service.ts'
import { listTiers } from '../../../src/db/agencies.ts'
import { deliverQueueName } from '../../../src/queue/deliver-queues.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { World } from '../world.ts'
import type { SilentAgencies } from './silent-agencies.ts'

/** Requests under way at once while deliveries are brought about: no more than the gateway takes without a word. */
const BURST_AT_ONCE = 4
/** Milliseconds that endpoints take for an answer meanwhile: what waits must not be gone before the fault is there. */
const SLOW_MS = 300
const TOLD_MS = 60_000

/** A delivery that waits. */
export interface Waiting {
  readonly id: string
  readonly recipient: string
  /** Whether the queue was told of it. */
  readonly told: boolean
  readonly epoch: number
}

export async function waitingNow({ pool }: Pick<World, 'pool'>): Promise<Waiting[]> {
  const { rows } = await pool.query<Waiting>(
    `select id, recipient_code as recipient, lease_epoch as epoch, enqueued_at is not null
        and not exists (select from outbox where delivery_id = delivery.id) as told
      from delivery where state = 'waiting' and next_attempt_at <= clock_timestamp()`,
  )
  return rows
}

async function onQueues<T>(
  { pool }: World,
  { url }: Service,
  work: (queue: Queue) => Promise<T>,
): Promise<T[]> {
  const done: T[] = []
  for (const tier of await listTiers(pool)) {
    const queue = new Queue(deliverQueueName(tier), { prefix: 'tram', connection: { url } })
    queue.on('error', () => undefined)
    try {
      done.push(await work(queue))
    } finally {
      await queue.close()
    }
  }
  return done
}

/** From now on the queue keeps what it is told, until it forgets that too, or is told otherwise. */
export const holdJobs = async (world: World, redis: Service): Promise<void> => {
  await onQueues(world, redis, (queue) => queue.pause())
}
export const letJobsGo = async (world: World, redis: Service): Promise<void> => {
  await onQueues(world, redis, (queue) => queue.resume())
}

/** Those of which the queue holds the job by which it was told. */
export async function stillQueued(
  world: World,
  redis: Service,
  deliveries: readonly Waiting[],
): Promise<Waiting[]> {
  const ids = new Set(
    await onQueues(world, redis, async (queue) => {
      const jobs = await queue.getJobs(['wait', 'prioritized', 'active'])
      return jobs.map((job) => job.id)
    }).then((lists) => lists.flat()),
  )
  return deliveries.filter(({ id, epoch }) => ids.has(`d-${id}-${epoch}`))
}

/**
 * Brings about that so many deliveries wait, and that the queue was told of half of them and holds their jobs. To each
 * silent agency there is one: of whom nothing else waits, no other job brings a worker to it.
 */
export async function gather(
  world: World,
  redis: Service,
  silent: SilentAgencies,
  wanted: number,
): Promise<void> {
  for (const endpoint of world.endpoints.values()) endpoint.behaviour = { kind: 'slow', ms: SLOW_MS }
  await holdJobs(world, redis)
  await silent.sendTo(silent.codes)
  const more = world.traffic({ rate: Number.POSITIVE_INFINITY, atOnce: BURST_AT_ONCE })
  let waiting: Waiting[] = []
  await waitFor(
    async () => {
      waiting = await waitingNow(world)
      return waiting.length >= wanted
    },
    TOLD_MS,
    () => `${wanted} deliveries wait: ${waiting.length}`,
  ).finally(() => more.stop())
  await waitFor(
    async () => {
      const told = (await waitingNow(world)).filter((one) => one.told)
      const quiet = told.filter(({ recipient }) => silent.codes.includes(recipient))
      return told.length >= wanted / 2 && quiet.length === silent.codes.length
    },
    TOLD_MS,
    () => 'the queue is told of half of them',
  )
}
