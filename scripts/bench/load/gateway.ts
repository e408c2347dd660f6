import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../../../src/db/migrate.ts'
import { createPool, type Pool } from '../../../src/db/pool.ts'
import { migrateQueue } from '../../../src/queue/backend.ts'
import { devEnvironment } from '../../dev-environment.ts'
import { freePort } from '../../services/free-port.ts'
import { removeServiceData } from '../../services/index.ts'
import { startPostgres } from '../../services/postgres.ts'
import { COMPOSE_SETTINGS } from '../../services/postgres-settings.ts'
import { startRedis } from '../../services/redis.ts'
import type { Service } from '../../services/service.ts'
import { type Parties, seedParties } from './agencies.ts'
import { startProcess, type TramProcess } from './processes.ts'

export type Seal = 'p256' | 'rsa'

export interface GatewayOptions {
  readonly apis: number
  readonly workers: number
  readonly seal: Seal
  /** Over the settings of every process. */
  readonly variables?: Readonly<Record<string, string>>
  /** Takes a profile of each process once it has ended. */
  readonly profile?: string | null
}

/** Fresh servers with durable settings and an empty database of this release. */
export interface Ground {
  readonly folder: string
  readonly pool: Pool
  readonly postgres: Service
  readonly redis: Service
  readonly variables: Readonly<Record<string, string>>
  readonly certificates: string
  readonly parties: Parties
  stop(): Promise<void>
}

/** APIs and workers at work on a ground. */
export interface Gateway {
  readonly processes: readonly TramProcess[]
  readonly urls: readonly string[]
  stop(): Promise<void>
}

/** What is open: whoever interrupts the bench leaves nothing behind. */
const open = new Set<() => Promise<void>>()

/** Stops what was started, the latest first. */
export async function stopAll(): Promise<void> {
  for (const stop of [...open].reverse()) await stop()
}

/** The same work, which is done once, and until then when all is stopped. */
export function onceOpen(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined
  const own = () => {
    open.delete(own)
    stopped ??= stop()
    return stopped
  }
  open.add(own)
  return own
}

const SEAL_FILES: Record<Seal, string> = { p256: 'gateway-seal-p256', rsa: 'gateway-seal' }

/** @param settings of PostgreSQL, beside those of docker-compose.yml */
export async function startGround(settings: Readonly<Record<string, string>> = {}): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'tram-bench-'))
  const services = join(folder, 'services')
  await mkdir(services)
  const postgres = await startPostgres({ folder: services, settings: { ...COMPOSE_SETTINGS, ...settings } })
  const redis = await startRedis({ folder: services })
  await migrate(postgres.url)
  await migrateQueue({ kind: 'redis', url: redis.url })
  const environment = await devEnvironment({ folder, databaseUrl: postgres.url, redisUrl: redis.url })
  const pool = createPool({
    databaseUrl: postgres.url,
    max: 4,
    applicationName: 'tram-bench',
    onError: () => undefined,
  })
  const parties = await seedParties(pool)
  return {
    folder,
    pool,
    postgres,
    redis,
    variables: { ...environment.variables, TRAM_LOG_LEVEL: 'warn' },
    certificates: environment.certificates,
    parties,
    stop: onceOpen(async () => {
      await pool.end()
      await Promise.all([postgres.stop(), redis.stop()])
      await removeServiceData(services)
      await rm(folder, { recursive: true, force: true })
    }),
  }
}

export async function startGateway(ground: Ground, options: GatewayOptions): Promise<Gateway> {
  const { apis, workers, seal, profile = null } = options
  const file = (ending: string) => join(ground.certificates, `${SEAL_FILES[seal]}${ending}`)
  const variables = {
    ...ground.variables,
    TRAM_SEAL_KEY: file('.key.pem'),
    TRAM_SEAL_CHAIN: file('.pem'),
    ...options.variables,
  }
  const many = (kind: TramProcess['kind'], count: number) =>
    Array.from({ length: count }, async (_, index) =>
      startProcess({
        kind,
        number: index + 1,
        port: await freePort(),
        variables,
        folder: ground.folder,
        profile,
      }),
    )
  const processes = await Promise.all([...many('api', apis), ...many('worker', workers)])
  return {
    processes,
    urls: processes.filter(({ kind }) => kind === 'api').map(({ url }) => url),
    stop: onceOpen(async () => {
      await Promise.all(processes.map((one) => one.stop()))
    }),
  }
}
