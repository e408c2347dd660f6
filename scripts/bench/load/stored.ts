import { type Drivers, startDrivers } from './drivers.ts'
import { fill } from './fill.ts'
import { type Gateway, type Ground, startGateway, startGround } from './gateway.ts'
import { type Bench, runLoad } from './load-run.ts'
import { spendersOf } from './spending.ts'

/** A gateway whose database is filled step by step. */
export interface Stored {
  readonly ground: Ground
  readonly gateway: Gateway
  readonly drivers: Drivers
  readonly bench: Bench
  /** Fills until so many are stored, where there are fewer. */
  fillTo(documents: number, tell: (line: string) => void): Promise<void>
}

const ORIGINALS = { inFlight: 8, seconds: 60, count: 1_000 }

let kept: Promise<Stored> | undefined

/** The same for all parts that ask for it, until all is stopped: filling takes minutes. */
export const openStored = (seed: number): Promise<Stored> => {
  kept ??= start(seed)
  return kept
}

async function start(seed: number): Promise<Stored> {
  const ground = await startGround({
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.track': 'all',
    max_wal_size: '8GB',
  })
  await ground.pool.query('create extension pg_stat_statements')
  const gateway = await startGateway(ground, { apis: 1, workers: 1, seal: 'p256' })
  const drivers = startDrivers(gateway, ground)
  const spenders = spendersOf(gateway, ground, drivers)
  const bench: Bench = { drivers, spenders, next: 1, seed }
  const { inFlight, seconds, count } = ORIGINALS
  // Documents to be alike, and time for what is compiled while it is used.
  await runLoad(bench, { kind: 'small', recipients: 1 }, { inFlight }, seconds, count)
  let stored = 0
  return {
    ground,
    gateway,
    drivers,
    bench,
    async fillTo(documents, tell) {
      if (documents > stored) stored = await fill(ground.postgres.url, stored, documents, tell)
    },
  }
}
