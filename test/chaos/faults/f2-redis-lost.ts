import type { Service } from '../../../scripts/services/service.ts'
import { databaseNow } from '../../../src/db/now.ts'
import { waitFor } from '../../support/wait-for.ts'
import { askOracle } from '../collect-evidence.ts'
import { type Extent, type Fault, notTested, type Outcome } from '../fault.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { gather, letJobsGo, stillQueued, type Waiting, waitingNow } from './f2-jobs.ts'
import { intakeOf, judgeLoss, type Loss, type Rescue } from './f2-measures.ts'
import { REDIS_WAYS, type RedisWay } from './redis-ways.ts'
import { openSilentAgencies, type SilentAgencies } from './silent-agencies.ts'

const HOLD_MS = 30_000
const REST_MS = 120_000
/** So many deliveries wait before each fault, whatever the rate: the queue has something to lose. */
const WAITING = { least: 30, wanted: 80 } as const
/** Everything is warm, and then it is seen how submissions fare while nothing is broken. */
const WARM_MS = 10_000
const CALM_MS = 20_000

/** How many of these nobody has taken since. */
async function untouched({ pool }: World, ids: readonly string[], since: Date): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*) as count from delivery where id = any($1) and state = 'waiting' and not exists
      (select from attempt where delivery_id = delivery.id and started_at > $2)`,
    [ids, since],
  )
  return rows[0]!.count
}

/** The first attempts at some since then, by delivery: under which epoch each was made, and after how many seconds. */
async function firstAttempts({ pool }: World, ids: readonly string[], since: Date) {
  const { rows } = await pool.query<{ id: string; epoch: number; seconds: number }>(
    `select delivery_id as id, min(epoch) as epoch, extract(epoch from min(started_at) - $2)::float8 as seconds
      from attempt where delivery_id = any($1) and started_at > $2 group by delivery_id`,
    [ids, since],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** Breaks and mends Redis while deliveries wait, and follows them. */
async function suffer(
  world: World,
  silent: SilentAgencies,
  redis: Service,
  way: RedisWay,
  { scale }: Extent,
): Promise<Loss> {
  await way.prepare?.(redis)
  await gather(world, redis, silent, Math.max(WAITING.least, Math.ceil(WAITING.wanted / scale)))
  const began = world.journal.lines.length
  const isQuiet = ({ recipient }: Waiting) => silent.codes.includes(recipient)
  const queued = await stillQueued(world, redis, (await waitingNow(world)).filter(isQuiet))
  // What is only away for a while has its jobs, and gives them out again; what forgets them forgets to hold them, too.
  if (!way.forgets) await letJobsGo(world, redis)
  world.tell(`Redis ${way.name}`)
  await way.break(redis, HOLD_MS / scale)
  const waiting = await waitingNow(world)
  for (const endpoint of world.endpoints.values()) endpoint.behaviour = { kind: 'answer', status: 204 }
  await way.mend(redis)
  const [since, at] = [await databaseNow(world.pool), performance.now()]
  const kept = way.forgets ? await stillQueued(world, redis, queued) : []
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
  const attempts = await firstAttempts(world, ids, since)
  // Whoever is told of again gets another epoch, so that its job has another name; an attempt adds one to it.
  const toldAgain = waiting.filter(({ id, epoch }) => (attempts.get(id)?.epoch ?? 0) > epoch + 1)
  const rescue = (): Rescue => {
    const found = toldAgain.filter(isQuiet)
    return {
      quiet: silent.codes.length,
      forgotten: queued.length - kept.length,
      toldAgain: found.length,
      seconds: Math.max(0, ...found.map(({ id }) => attempts.get(id)!.seconds)),
    }
  }
  world.tell(`${ids.length} deliveries went on within ${seconds.toFixed(1)} s`)
  return {
    name: way.name,
    waiting: ids.length,
    told: waiting.filter(({ told }) => told).length,
    toldAgain: toldAgain.length,
    seconds,
    rescue: way.forgets ? rescue() : null,
    lines: world.journal.lines.slice(began),
  }
}

async function run(world: World, extent: Extent): Promise<Outcome> {
  const { redis } = world.servers
  if (redis === null)
    return {
      measures: [notTested('Redis lost', 'the queue stands in PostgreSQL')],
      oracle: await askOracle(world),
    }
  const silent = await openSilentAgencies(world)
  try {
    const traffic = world.traffic({ rate: extent.rate })
    await pause(WARM_MS / extent.scale, world.over)
    const from = world.journal.lines.length
    await pause(CALM_MS / extent.scale, world.over)
    const calm = intakeOf(world.journal.lines.slice(from))
    const losses: Loss[] = []
    for (const way of REDIS_WAYS) losses.push(await suffer(world, silent, redis, way, extent))
    await traffic.stop()
    silent.wakeUp()
    await traffic.settled(REST_MS)
    return {
      measures: losses.flatMap((loss) => judgeLoss(loss, calm)),
      oracle: await askOracle(world),
    }
  } finally {
    await silent.close()
  }
}

export const f2RedisLost: Fault = {
  id: 'F2',
  title: 'Redis emptied, restarted without its files or with old ones, wedged at maxmemory, frozen',
  // With one delivery to a recipient at a time in each worker the queue holds what came in the burst before each fault.
  needs: { apis: 2, workers: 2, variables: { TRAM_CONCURRENCY: '4' } },
  limitSeconds: () => 1_800,
  run,
}
