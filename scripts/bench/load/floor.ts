import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from '../routing/child.ts'
import type { Ground, Seal } from './gateway.ts'
import { perDocument, type Spending, spending, spentBetween } from './spending.ts'

export interface Floor {
  /** Documents a second that went the whole way. */
  readonly rate: number
  /** Milliseconds of processor time for one. */
  readonly spent: Spending
}

const IN_FLIGHT = 32
/** What V8 compiles, and PostgreSQL learns of the table, is done by then. */
const WARM_UP_SECONDS = 3
const VARIABLE = 'TRAM_BENCH_FLOOR'
const LOOK_EVERY_MS = 50

/** The two processes of the floor: what the one made, the other takes from the queue. */
interface Pair {
  readonly front: Child<number>
  readonly back: Child<number>
}

/** Works for so many seconds, until all is taken. @returns documents since the processes began */
async function work({ front, back }: Pair, seconds: number): Promise<number> {
  front.send(String(seconds))
  const made = await front.next()
  for (let taken = 0; taken < made; ) {
    await sleep(LOOK_EVERY_MS)
    back.send('tell')
    taken = await back.next()
  }
  return made
}

/**
 * Measures what documents of so many bytes cost at the very least, on the servers of this ground.
 * @throws Error where a process ends meanwhile: what it spent would be missing
 */
export async function measureFloor(
  ground: Ground,
  bytes: number,
  seal: Seal,
  seconds: number,
): Promise<Floor> {
  await ground.pool.query('create table if not exists bench_floor (digest bytea, seal bytea)')
  const { postgres, redis } = ground
  const world = { databaseUrl: postgres.url, redisUrl: redis.url, bytes, seal, inFlight: IN_FLIGHT }
  const child = (role: 'front' | 'back') =>
    startChild<number>('../load/floor-child.ts', [], { [VARIABLE]: JSON.stringify({ ...world, role }) })
  const pair: Pair = { front: child('front'), back: child('back') }
  try {
    await Promise.all([pair.back.next(), pair.front.next()])
    const spenders = {
      api: [pair.front.pid],
      worker: [pair.back.pid],
      postgres: postgres.pid,
      redis: redis.pid,
      driver: [],
    }
    const warm = await work(pair, WARM_UP_SECONDS)
    const before = spending(spenders)
    const began = performance.now()
    const made = (await work(pair, seconds)) - warm
    const spent = spentBetween(before, spending(spenders))
    return { rate: made / ((performance.now() - began) / 1_000), spent: perDocument(spent, made) }
  } finally {
    await Promise.all([pair.front.stop(), pair.back.stop()])
    await ground.pool.query('drop table bench_floor')
  }
}
