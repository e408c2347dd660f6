import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { loadConfig } from '../../src/config.ts'
import { createLog } from '../../src/context.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { createClient } from '../../src/directory/clients.ts'
import { devEnvironment } from '../dev-environment.ts'
import type { DevCa } from '../make-certs.ts'
import { freePort } from '../services/free-port.ts'
import { type QueueChoice, type Services, startServices } from '../services/index.ts'
import type { Credentials } from './http-client.ts'
import { onFreePort } from './on-free-port.ts'
import { endProcess, runToEnd, start } from './processes.ts'
import { type DemoTsa, startDemoTsa } from './time-stamping.ts'

const PREFERRED_PORT = 8080

export interface DemoGateway {
  readonly baseUrl: string
  /** For systems that talk to the national axis. */
  readonly axisUrl: string
  readonly ca: DevCa
  readonly services: Services
  readonly admin: Credentials
  /** The second administrator, who approves what the first writes. */
  readonly approver: Credentials
  readonly auditor: Credentials
  /** The processes of the gateway, by what they do. */
  readonly processes: ReadonlyMap<string, ChildProcess>
  stop(): Promise<void>
}

export interface DemoGatewayOptions {
  /** Takes the data of the servers, which are used again, and of this run, which begins anew. */
  readonly folder: string
  readonly queue: QueueChoice
  readonly say: (line: string) => void
}

/** A whole gateway of its own: servers, a fresh database, the API and a worker for each half of the tiers. */
export async function startDemoGateway({ folder, queue, say }: DemoGatewayOptions): Promise<DemoGateway> {
  const services = await startServices({ folder: join(folder, 'services'), queue })
  say(`PostgreSQL runs; the queue stands in ${services.queue === 'redis' ? 'Redis' : 'PostgreSQL'}`)
  const processes = new Map<string, ChildProcess>()
  let tsa: DemoTsa | undefined
  const stop = async () => {
    await Promise.all([...processes.values()].map(endProcess))
    await tsa?.stop()
    await services.stop()
  }
  try {
    await dropDatabases(services.databaseUrl)
    const databaseUrl = await createDatabase(services.databaseUrl)
    const run = join(folder, 'run')
    await rm(run, { recursive: true, force: true })
    const certificates = join(folder, 'certs')
    const environment = await devEnvironment({
      folder: run,
      certificates,
      databaseUrl,
      redisUrl: services.redisUrl,
    })
    tsa = await startDemoTsa(certificates)
    const variables: Record<string, string> = {
      ...environment.variables,
      TRAM_LOG_LEVEL: 'warn',
      TRAM_TSA_URL: tsa.url,
      TRAM_AXIS_PORT: String(await freePort()),
    }
    await runToEnd(['migrate'], variables)
    const { admin, approver, auditor } = await createOperators(variables)
    const [baseUrl] = await Promise.all([
      onFreePort(PREFERRED_PORT, (port) => startApi(processes, variables, port)),
      start(processes, 'worker central, province', ['worker'], {
        ...variables,
        TRAM_TIERS: 'central,province',
      }),
      start(processes, 'worker district, commune', ['worker'], {
        ...variables,
        TRAM_TIERS: 'district,commune',
      }),
    ])
    await writeFile(join(run, 'env'), asShell(variables), { mode: 0o600 })
    say(`the API listens on ${baseUrl}; two workers serve the four tiers`)
    // Counted from the start of this process.
    say(`ready after ${Math.round(performance.now())} ms`)
    const axisUrl = `http://127.0.0.1:${variables.TRAM_AXIS_PORT}/axis`
    return { baseUrl, axisUrl, ca: environment.ca, services, admin, approver, auditor, processes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** For `.` of a shell: the commands of `tram` find the same gateway. */
export const asShell = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join('')

/** @returns the URL by which clients know it */
async function startApi(
  processes: Map<string, ChildProcess>,
  variables: Record<string, string>,
  port: number,
): Promise<string> {
  const baseUrl = `http://127.0.0.1:${port}`
  await start(processes, 'api', ['serve'], {
    ...variables,
    TRAM_PORT: String(port),
    TRAM_PUBLIC_URL: baseUrl,
  })
  return baseUrl
}

/** Each run has databases of its own; those of earlier runs are dropped. */
export const dropDatabases = (serverUrl: string): Promise<void> =>
  onServer(serverUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname like 'tram\\_demo\\_%'`,
    )
    for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`)
  })

/** An empty database; answers its URL. */
export const createDatabase = (serverUrl: string): Promise<string> =>
  onServer(serverUrl, async (client) => {
    const name = `tram_demo_${randomBytes(6).toString('hex')}`
    await client.query(`create database ${name}`)
    return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  })

async function onServer<T>(serverUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export interface Operators {
  readonly admin: Credentials
  readonly approver: Credentials
  readonly auditor: Credentials
}

/** The first administrators and the first auditor, whom no API can let in yet. */
export const createOperators = (variables: Readonly<Record<string, string>>): Promise<Operators> =>
  withDemoPool(variables, async (pool) => {
    const create = async (name: string, role: 'admin' | 'auditor'): Promise<Credentials> => {
      const clientId = `demo-${name}`
      const { secret } = await createClient(
        pool,
        { clientId, role, agency: null, name: `Demo ${name}` },
        'demo',
      )
      return { clientId, clientSecret: secret ?? '' }
    }
    return {
      admin: await create('admin', 'admin'),
      approver: await create('approver', 'admin'),
      auditor: await create('auditor', 'auditor'),
    }
  })

/** Work on the gateway's database itself, as the commands of `tram` do. */
export async function withDemoPool<T>(
  variables: Readonly<Record<string, string>>,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  const config = loadConfig('migrate', variables)
  const log = createLog(config)
  const pool = createPool({
    databaseUrl: config.databaseUrl,
    max: 2,
    applicationName: 'tram-demo',
    onError: (error) => log.warn({ err: error }, 'an idle database connection broke'),
  })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}
