import { quantile } from '../../../scripts/bench/routing/figures.ts'
import type { Measure } from '../fault.ts'
import type { World } from '../world.ts'

/** An end that was brought about, of a process or a server. */
export interface Kill {
  readonly victim: string
  readonly kind: 'api' | 'worker' | 'postgres' | 'redis'
  readonly pid: number
  /** Unix time in milliseconds; everything runs on one machine. */
  readonly at: number
  /** The step and pass at which it ended; null where it was killed from outside. */
  readonly point: string | null
}

const DRAINING_SECONDS = 15

/** How soon work went on after each kill: documents were accepted again, deliveries taken, dead workers' taken over. */
export async function measureRecovery(world: World, kills: readonly Kill[]): Promise<Measure[]> {
  const [accepted, taken] = [await acceptances(world), await takings(world)]
  const [servers, others] = [
    ['postgres', 'redis'],
    ['api', 'worker'],
  ]
  const ofKinds = (kinds: readonly string[]) => kills.filter(({ kind }) => kinds.includes(kind))
  const firstTaken = (kinds: readonly string[]) => ofKinds(kinds).flatMap(({ at }) => firstAfter(taken, at))
  return [
    within('kill to first delivery taken', firstTaken([...servers, ...others]), DRAINING_SECONDS),
    within('  of these, servers', firstTaken(servers), DRAINING_SECONDS),
    within(
      'kill to first document accepted',
      ofKinds(['api', 'postgres']).flatMap(({ at }) => firstAfter(accepted, at)),
      DRAINING_SECONDS,
    ),
    within("take-over of a dead worker's delivery", await takeOvers(world, kills), DRAINING_SECONDS),
  ]
}

/** A measure over seconds, of which 95 in 100 must be below the bar. */
export function within(name: string, seconds: readonly number[], bar: number): Measure {
  if (seconds.length === 0) return { name, seen: 'never', bar: null, met: true }
  const [p95, worst] = [quantile(seconds, 0.95), quantile(seconds, 1)]
  return {
    name,
    seen: `p95 ${p95.toFixed(1)} s, worst ${worst.toFixed(1)} s (${seconds.length} times)`,
    bar: `p95 ≤ ${bar} s`,
    met: p95 <= bar,
  }
}

/** Seconds until the first of these moments after a time; nothing where there is none. @param moments in order */
export function firstAfter(moments: readonly number[], at: number): number[] {
  let [low, high] = [0, moments.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (moments[middle]! > at) high = middle
    else low = middle + 1
  }
  const first = moments[low]
  return first === undefined ? [] : [(first - at) / 1_000]
}

async function acceptances({ pool }: World): Promise<number[]> {
  const { rows } = await pool.query<{ at: Date }>(
    'select accepted_at as at from document order by accepted_at',
  )
  return rows.map(({ at }) => at.getTime())
}

async function takings({ pool }: World): Promise<number[]> {
  const { rows } = await pool.query<{ at: Date }>('select started_at as at from attempt order by started_at')
  return rows.map(({ at }) => at.getTime())
}

/** Seconds from the kill of a worker to the next attempt at each delivery that it held. */
export async function takeOvers({ pool }: World, kills: readonly Kill[]): Promise<number[]> {
  const { rows } = await pool.query<{ worker: string; started_at: Date; next_at: Date }>(
    `select attempt.worker, attempt.started_at, later.next_at from attempt
      join lateral (select min(started_at) as next_at from attempt as next
        where next.delivery_id = attempt.delivery_id and next.epoch > attempt.epoch) as later on true
      where attempt.state = 'abandoned' and later.next_at is not null`,
  )
  return rows.flatMap(({ worker, started_at, next_at }) => {
    const kill = kills.find(({ pid, at }) => worker.endsWith(`:${pid}`) && at >= started_at.getTime())
    return kill === undefined ? [] : [Math.max(0, next_at.getTime() - kill.at) / 1_000]
  })
}
