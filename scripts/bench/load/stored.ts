import { type Drivers, startDrivers } from './drivers.ts'
import { type Filled, fill, NOTHING_FILLED } from './fill.ts'
import { type Gateway, type Ground, startGateway, startGround } from './gateway.ts'
import type { Bench } from './load-run.ts'
import type { PartOptions } from './parts.ts'
import { spendersOf } from './spending.ts'
import { type WarmedUp, warmUp } from './warm-up.ts'

/** A gateway whose database is filled step by step. */
export interface Stored {
  readonly ground: Ground
  readonly gateway: Gateway
  readonly drivers: Drivers
  readonly bench: Bench
  readonly warmedUp: WarmedUp
  /**
   * Fills until so many are stored, those among them that came by themselves.
   * @throws Error where there are more already, and nothing was ever filled in
   */
  fillTo(documents: number, tell: (line: string) => void): Promise<Filled>
  /** Documents that are stored now. */
  count(): Promise<number>
  stop(): Promise<void>
}

type StoredOptions = Pick<PartOptions, 'seed' | 'seconds' | 'tell'>

let kept: Promise<Stored> | undefined

/** The same for all parts that ask for it, until all is stopped: filling takes minutes. */
export const openStored = (options: StoredOptions): Promise<Stored> => {
  kept ??= startStored(options)
  return kept
}

/** A gateway of its own, with documents that are originals of those to be filled in, and warmed up by them. */
export async function startStored({ seed, seconds, tell }: StoredOptions): Promise<Stored> {
  const ground = await startGround({
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.track': 'all',
    max_wal_size: '8GB',
  })
  await ground.pool.query('create extension pg_stat_statements')
  const gateway = await startGateway(ground, { apis: 1, workers: 1, seal: 'p256' })
  const drivers = startDrivers(gateway, ground)
  const bench: Bench = { drivers, spenders: spendersOf(gateway, ground, drivers), next: 1, seed }
  const warmedUp = await warmUp(bench, { kind: 'small', recipients: 1 }, seconds, tell)
  let filled = NOTHING_FILLED
  const count = async () => {
    const { rows } = await ground.pool.query<{ stored: string }>('select count(*) as stored from document')
    return Number(rows[0]!.stored)
  }
  return {
    ...{ ground, gateway, drivers, bench, warmedUp, count },
    async fillTo(documents, tell) {
      const there = await count()
      const missing = documents - there
      if (missing <= 0 && filled.likes === 0) throw new Error(`${there} documents are stored already`)
      if (missing > 0) filled = await fill(ground.postgres.url, filled.likes, filled.likes + missing, tell)
      return filled
    },
    async stop() {
      await drivers.stop()
      await gateway.stop()
      await ground.stop()
    },
  }
}
