import { setTimeout as sleep } from 'node:timers/promises'
import { startChild } from '../routing/child.ts'
import type { Ground, Seal } from './gateway.ts'
import { type Spending, spending, spentBetween } from './spending.ts'

export interface Floor {
  /** Documents a second that went the whole way. */
  readonly rate: number
  /** Milliseconds of processor time for one. */
  readonly spent: Spending
}

const IN_FLIGHT = 32
const VARIABLE = 'TRAM_BENCH_FLOOR'
const LOOK_EVERY_MS = 50

/** Measures what documents of so many bytes cost at the very least, on the servers of this ground. */
export async function measureFloor(
  ground: Ground,
  bytes: number,
  seal: Seal,
  seconds: number,
): Promise<Floor> {
  await ground.pool.query('create table if not exists bench_floor (digest bytea, seal bytea)')
  const world = {
    databaseUrl: ground.postgres.url,
    redisUrl: ground.redis.url,
    bytes,
    seal,
    inFlight: IN_FLIGHT,
    seconds,
  }
  const child = (role: 'front' | 'back') =>
    startChild<number>('../load/floor-child.ts', [], { [VARIABLE]: JSON.stringify({ ...world, role }) })
  const back = child('back')
  const front = child('front')
  try {
    await Promise.all([back.next(), front.next()])
    const spenders = {
      api: [front.pid],
      worker: [back.pid],
      postgres: ground.postgres.pid,
      redis: ground.redis.pid,
      driver: [],
    }
    const before = spending(spenders)
    const began = performance.now()
    front.send('go')
    const made = await front.next()
    for (let taken = 0; taken < made; ) {
      await sleep(LOOK_EVERY_MS)
      back.send('tell')
      taken = await back.next()
    }
    const spent = spentBetween(before, spending(spenders))
    const rate = made / ((performance.now() - began) / 1_000)
    return { rate, spent: perDocument(spent, made) }
  } finally {
    await Promise.all([front.stop(), back.stop()])
    await ground.pool.query('drop table bench_floor')
  }
}

const perDocument = (spent: Spending, documents: number): Spending => ({
  api: spent.api / documents,
  worker: spent.worker / documents,
  postgres: spent.postgres / documents,
  redis: spent.redis / documents,
  driver: 0,
})
