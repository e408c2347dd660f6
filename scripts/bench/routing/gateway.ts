import type { ChildProcess } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPool, type Pool } from '../../../src/db/pool.ts'
import { endProcess, runToEnd, start } from '../../demo/processes.ts'
import { devEnvironment } from '../../dev-environment.ts'
import { freePort } from '../../services/free-port.ts'
import { removeServiceData, startServices } from '../../services/index.ts'

export interface BenchGateway {
  readonly folder: string
  readonly queue: string
  readonly variables: Record<string, string>
  readonly pool: Pool
  /** Gives the empty database this release's schema. */
  migrate(): Promise<void>
  /** Starts the API and a worker for each half of the tiers. @returns the URL of the API */
  startProcesses(): Promise<string>
  /** Starts the API alone. @returns the id of its process */
  startApi(more: Record<string, string>): Promise<number>
  stop(): Promise<void>
}

/** Servers of its own, with their durable settings and an empty database. */
export async function startBenchGateway(): Promise<BenchGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'tram-bench-'))
  const services = await startServices({ folder, given: {} })
  const processes = new Map<string, ChildProcess>()
  const port = await freePort()
  const environment = await devEnvironment({
    folder,
    databaseUrl: services.databaseUrl,
    redisUrl: services.redisUrl,
    port,
  })
  const variables = { ...environment.variables, TRAM_LOG_LEVEL: 'warn' }
  const pool = createPool({
    databaseUrl: services.databaseUrl,
    max: 4,
    applicationName: 'tram-bench',
    onError: () => undefined,
  })
  const baseUrl = `http://127.0.0.1:${port}`
  return {
    folder,
    queue: services.queue,
    variables,
    pool,
    migrate: () => runToEnd(['migrate'], variables),
    async startProcesses() {
      const worker = (tiers: string) =>
        start(processes, `worker ${tiers}`, ['worker'], { ...variables, TRAM_TIERS: tiers })
      await Promise.all([
        start(processes, 'api', ['serve'], variables),
        worker('central,province'),
        worker('district,commune'),
      ])
      return baseUrl
    },
    async startApi(more) {
      await start(processes, 'api', ['serve'], { ...variables, ...more })
      return processes.get('api')!.pid!
    },
    async stop() {
      await Promise.all([...processes.values()].map(endProcess))
      await pool.end()
      await services.stop()
      await removeServiceData(folder)
    },
  }
}
