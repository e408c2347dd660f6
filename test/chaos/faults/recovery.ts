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
  /** When it said again that it is ready; absent where it did not until the next kill. */
  backAt?: number
}

const DRAINING_SECONDS = 15
/** A lease of six seconds, and what finding it, telling the queue and taking it may take. */
export const TAKE_OVER_SECONDS = 10

/** A lease lasts so long after its holder's end: it is kept every two seconds of six. */
const LEASE_LEAST_MS = 4_000

/** A delivery that a dead worker held, and which another took. */
export interface TakeOver {
  readonly kill: Kill
  readonly seconds: number
  /** Workers and servers that died, or were away still, between the kill and the take-over. */
  readonly meanwhile: readonly Kill[]
  /** Whether for a moment after the lease may have run out no worker was at work: then nobody could take over. */
  readonly unattended: boolean
}

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
    ...measureTakeOvers(await takeOvers(world, kills)),
    tellWaits(await waits(world)),
  ]
}

const isServer = ({ kind }: Kill): boolean => kind === 'postgres' || kind === 'redis'

/** Where both servers and some worker lived, the slowest is judged; the others wait for one of these, and are told apart. */
export function measureTakeOvers(found: readonly TakeOver[]): Measure[] {
  const withoutServer = found.filter(({ meanwhile }) => meanwhile.some(isServer))
  const others = found.filter((one) => !withoutServer.includes(one))
  const attended = others.filter(({ unattended }) => !unattended)
  const worst = slowest(attended)?.seconds ?? null
  const told = (name: string, apart: readonly TakeOver[]): Measure => ({
    name,
    seen: seenOf(apart),
    bar: null,
    met: true,
  })
  return [
    {
      name: "take-over of a dead worker's delivery, while the servers and some worker lived",
      seen: seenOf(attended),
      bar: worst === null ? null : `worst ≤ ${TAKE_OVER_SECONDS} s`,
      met: worst === null || worst <= TAKE_OVER_SECONDS,
    },
    told(
      '  while no worker did as it could be taken',
      others.filter(({ unattended }) => unattended),
    ),
    told('  while a server died, too', withoutServer),
  ]
}

const slowest = (found: readonly TakeOver[]): TakeOver | undefined =>
  found.toSorted((a, b) => b.seconds - a.seconds)[0]

function seenOf(found: readonly TakeOver[]): string {
  const worst = slowest(found)
  if (worst === undefined) return 'never'
  const seconds = found.map((one) => one.seconds)
  const others = worst.meanwhile.map(({ victim }) => victim)
  const died =
    others.length === 0
      ? ''
      : `; during the worst these were away, too: ${[...new Set(others)].sort().join(', ')}`
  const at = (part: number) => `${quantile(seconds, part).toFixed(1)} s`
  return `p95 ${at(0.95)}, worst ${at(1)} (${found.length} times)${died}`
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

/** Also of what a dead worker was given by the queue and had not taken, which is told again after a while. */
const tellWaits = (seconds: readonly number[]): Measure => ({
  ...within('acceptance to first attempt, whoever died meanwhile', seconds, 0),
  bar: null,
  met: true,
})

/** Seconds from the acceptance of a document to the first attempt at each of its deliveries, where there was one. */
async function waits({ pool }: World): Promise<number[]> {
  const { rows } = await pool.query<{ seconds: number }>(
    `select extract(epoch from min(attempt.started_at) - min(document.accepted_at))::float8 as seconds
      from delivery join document on document.id = delivery.document_id join attempt on attempt.delivery_id = delivery.id
      group by delivery.id`,
  )
  return rows.map(({ seconds }) => seconds)
}

/** From the kill of a worker to the next attempt at each delivery that it held. */
export async function takeOvers({ pool }: World, kills: readonly Kill[]): Promise<TakeOver[]> {
  const { rows } = await pool.query<{ worker: string; started_at: Date; next_at: Date }>(
    `select attempt.worker, attempt.started_at, later.next_at from attempt
      join lateral (select min(started_at) as next_at from attempt as next
        where next.delivery_id = attempt.delivery_id and next.epoch > attempt.epoch) as later on true
      where attempt.state = 'abandoned' and later.next_at is not null`,
  )
  return rows.flatMap(({ worker, started_at, next_at }) => {
    const kill = kills.find(({ pid, at }) => worker.endsWith(`:${pid}`) && at >= started_at.getTime())
    return kill === undefined ? [] : [takeOver(kills, kill, next_at.getTime())]
  })
}

/** @param nextAt when another took it, Unix time in milliseconds */
export function takeOver(kills: readonly Kill[], kill: Kill, nextAt: number): TakeOver {
  const meanwhile = kills.filter(
    (other) => other !== kill && other.kind !== 'api' && other.at < nextAt && backOf(kills, other) > kill.at,
  )
  const seconds = Math.max(0, nextAt - kill.at) / 1_000
  return { kill, seconds, meanwhile, unattended: isUnattended(kills, [kill, ...meanwhile]) }
}

/** Whether every worker that ever died was away as the lease ran out, or at the moment of a later one of these ends. */
function isUnattended(kills: readonly Kill[], ends: readonly Kill[]): boolean {
  const workers = kills.filter(({ kind }) => kind === 'worker')
  const all = new Set(workers.map(({ victim }) => victim)).size
  const from = ends[0]!.at + LEASE_LEAST_MS
  return ends.some((end) => {
    const moment = Math.max(from, end.at)
    const away = workers.filter((one) => one.at <= moment && backOf(kills, one) > moment)
    return all > 1 && new Set(away.map(({ victim }) => victim)).size === all
  })
}

/** When it was there again: one that never said that it is ready died again before it could. */
const backOf = (kills: readonly Kill[], { victim, at, backAt }: Kill): number =>
  backAt ?? kills.find((later) => later.victim === victim && later.at > at)?.at ?? Number.POSITIVE_INFINITY
