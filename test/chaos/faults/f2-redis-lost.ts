import { quantile } from '../../../scripts/bench/routing/figures.ts'
import type { Service } from '../../../scripts/services/service.ts'
import { databaseNow } from '../../../src/db/now.ts'
import { waitFor } from '../../support/wait-for.ts'
import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import type { World } from '../world.ts'
import { isBusy } from './heard.ts'
import { REDIS_WAYS, type RedisWay } from './redis-ways.ts'

const HOLD_MS = 30_000
const RESUME_SECONDS = 30
const REST_MS = 120_000
/** So many deliveries wait before each fault, whatever the rate: the queue has something to lose. */
const WAITING = { least: 20, wanted: 80 } as const
/** Requests under way at once while they are brought about: no more than the gateway takes without a word. */
const BURST_AT_ONCE = 4
/** Milliseconds that endpoints take for an answer meanwhile: what waits must not be gone before the fault is there. */
const SLOW_MS = 300
const TOLD_MS = 60_000

/** What one fault did. */
interface Loss {
  readonly name: string
  /** Deliveries that waited as it ended, and those of them that the queue had been told of. */
  readonly waiting: number
  readonly told: number
  /** Seconds from its end until the last of them was taken. */
  readonly seconds: number
  /** Part of the journal that was written meanwhile. */
  readonly lines: World['journal']['lines']
}

async function waitingNow({ pool }: World): Promise<{ id: string; told: boolean }[]> {
  const { rows } = await pool.query<{ id: string; told: boolean }>(
    `select id, enqueued_at is not null as told from delivery
      where state = 'waiting' and next_attempt_at <= clock_timestamp()`,
  )
  return rows
}

/** How many of these nobody has taken since. */
async function untouched({ pool }: World, ids: readonly string[], since: Date): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*) as count from delivery where id = any($1) and state = 'waiting' and not exists
      (select from attempt where delivery_id = delivery.id and started_at > $2)`,
    [ids, since],
  )
  return rows[0]!.count
}

/** Stops the workers until enough deliveries wait; resolves as soon as the queue is told of them. */
async function gather(world: World, wanted: number): Promise<void> {
  const workers = world.members.filter(({ kind }) => kind === 'worker')
  for (const endpoint of world.endpoints.values()) endpoint.behaviour = { kind: 'slow', ms: SLOW_MS }
  for (const worker of workers) worker.signal('SIGSTOP')
  const more = world.traffic({ rate: Number.POSITIVE_INFINITY, atOnce: BURST_AT_ONCE })
  let waiting = 0
  await waitFor(
    async () => {
      waiting = (await waitingNow(world)).length
      return waiting >= wanted
    },
    REST_MS,
    () => `${wanted} deliveries wait: ${waiting}`,
  )
  await more.stop()
  for (const worker of workers) worker.signal('SIGCONT')
  await waitFor(
    async () => (await waitingNow(world)).filter(({ told }) => told).length >= wanted / 4,
    TOLD_MS,
    () => 'the queue is told of a part of them',
  )
}

async function suffer(world: World, redis: Service, way: RedisWay, { scale }: Extent): Promise<Loss> {
  await way.prepare?.(redis)
  await gather(world, Math.max(WAITING.least, Math.ceil(WAITING.wanted / scale)))
  const began = world.journal.lines.length
  world.tell(`Redis ${way.name}`)
  await way.break(redis, HOLD_MS / scale)
  const waiting = await waitingNow(world)
  for (const endpoint of world.endpoints.values()) endpoint.behaviour = { kind: 'answer', status: 204 }
  await way.mend(redis)
  const [since, at] = [await databaseNow(world.pool), performance.now()]
  const ids = waiting.map(({ id }) => id)
  let left = ids.length
  await waitFor(
    async () => {
      left = await untouched(world, ids, since)
      return left === 0
    },
    REST_MS,
    () => `${left} deliveries go on after Redis was ${way.name}`,
  )
  const seconds = (performance.now() - at) / 1_000
  const told = waiting.filter((one) => one.told).length
  const lines = world.journal.lines.slice(began)
  world.tell(`${ids.length} deliveries went on within ${seconds.toFixed(1)} s`)
  return { name: way.name, waiting: ids.length, told, seconds, lines }
}

/** Milliseconds from the intent to send to the receipt. */
function acceptTimes(lines: Loss['lines']): number[] {
  const begun = new Map<string, number>()
  return lines.flatMap((line) => {
    if (line.is === 'intent') begun.set(line.document, line.at)
    const from = line.is === 'accepted' ? begun.get(line.document) : undefined
    return from === undefined ? [] : [line.at - from]
  })
}

function judge({ name, waiting, told, seconds, lines }: Loss): Measure[] {
  const times = acceptTimes(lines)
  const [median, high] = times.length === 0 ? [0, 0] : [quantile(times, 0.5), quantile(times, 0.99)]
  const refusals = lines.flatMap((line) =>
    line.is === 'unanswered' ? [line.error] : line.is === 'refused' ? [line.code] : [],
  )
  const failures = refusals.filter((error) => !isBusy(error))
  const busy = refusals.length - failures.length
  return [
    {
      name: `${name}: deliveries go on`,
      seen: `all ${waiting} within ${seconds.toFixed(1)} s; the queue had been told of ${told}`,
      bar: `> 0, ≤ ${RESUME_SECONDS} s`,
      met: waiting > 0 && seconds <= RESUME_SECONDS,
    },
    {
      name: `${name}: submissions not taken at once`,
      seen: `${failures.length} of ${times.length}${failures.length === 0 ? '' : `, the first ${failures[0]}`}; too much at once: ${busy}`,
      bar: '0',
      met: failures.length === 0,
    },
    {
      name: `${name}: accepted within`,
      seen: `p50 ${median.toFixed(0)} ms, p99 ${high.toFixed(0)} ms`,
      bar: null,
      met: true,
    },
  ]
}

const NO_REDIS: Measure = {
  name: 'the queue stands in PostgreSQL',
  seen: 'there is no Redis to lose',
  bar: null,
  met: true,
}

async function run(world: World, extent: Extent): Promise<Outcome> {
  const { redis } = world.servers
  if (redis === null) return { measures: [NO_REDIS], oracle: await askOracle(world) }
  const traffic = world.traffic({ rate: extent.rate })
  const losses: Loss[] = []
  for (const way of REDIS_WAYS) losses.push(await suffer(world, redis, way, extent))
  await traffic.stop()
  await traffic.settled(REST_MS)
  return { measures: losses.flatMap(judge), oracle: await askOracle(world) }
}

export const f2RedisLost: Fault = {
  id: 'F2',
  title: 'Redis emptied, restarted without its files or with old ones, wedged at maxmemory, frozen',
  // With one delivery to a recipient at a time in each worker the queue holds what came in the burst before each fault.
  needs: { apis: 2, workers: 2, variables: { TRAM_CONCURRENCY: '4' } },
  limitSeconds: () => 1_800,
  run,
}
