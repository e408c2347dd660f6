import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { loadConfig } from '../../src/config.ts'
import { createLog } from '../../src/context.ts'
import { createPool } from '../../src/db/pool.ts'
import { createClient } from '../../src/directory/clients.ts'
import { devEnvironment } from '../dev-environment.ts'
import type { DevCa } from '../make-certs.ts'
import { freePort, isFree } from '../services/free-port.ts'
import { type QueueChoice, type Services, startServices } from '../services/index.ts'
import type { Credentials } from './http-client.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TRAM = join(ROOT, 'src/bin/tram.mjs')
const PREFERRED_PORT = 8080

export interface DemoGateway {
  readonly baseUrl: string
  readonly ca: DevCa
  readonly services: Services
  readonly variables: Readonly<Record<string, string>>
  readonly admin: Credentials
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
  const stop = async () => {
    await Promise.all([...processes.values()].map(endProcess))
    await services.stop()
  }
  try {
    const databaseUrl = await freshDatabase(services.databaseUrl)
    const run = join(folder, 'run')
    await rm(run, { recursive: true, force: true })
    const port = (await isFree(PREFERRED_PORT)) ? PREFERRED_PORT : await freePort()
    const certificates = join(folder, 'certs')
    const environment = await devEnvironment({
      folder: run,
      certificates,
      databaseUrl,
      redisUrl: services.redisUrl,
      port,
    })
    const variables: Record<string, string> = { ...environment.variables, TRAM_LOG_LEVEL: 'warn' }
    await runToEnd(['migrate'], variables)
    const [admin, auditor] = await createOperators(variables)
    await Promise.all([
      start(processes, 'api', ['serve'], variables),
      start(processes, 'worker central, province', ['worker'], {
        ...variables,
        TRAM_TIERS: 'central,province',
      }),
      start(processes, 'worker district, commune', ['worker'], {
        ...variables,
        TRAM_TIERS: 'district,commune',
      }),
    ])
    const baseUrl = variables.TRAM_PUBLIC_URL!
    say(`the API listens on ${baseUrl}; two workers serve the four tiers`)
    return { baseUrl, ca: environment.ca, services, variables, admin, auditor, processes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Each run has a database of its own; those of earlier runs are dropped. */
async function freshDatabase(serverUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname like 'tram\\_demo\\_%'`,
    )
    for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`)
    const name = `tram_demo_${randomBytes(6).toString('hex')}`
    await client.query(`create database ${name}`)
    return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  } finally {
    await client.end()
  }
}

/** The first administrator and the first auditor, whom no API can let in yet. */
async function createOperators(variables: Record<string, string>): Promise<[Credentials, Credentials]> {
  const config = loadConfig('migrate', variables)
  const log = createLog(config)
  const pool = createPool({
    databaseUrl: config.databaseUrl,
    max: 2,
    applicationName: 'tram-demo',
    onError: (error) => log.warn({ err: error }, 'an idle database connection broke'),
  })
  try {
    const create = async (role: 'admin' | 'auditor') => {
      const clientId = `demo-${role}`
      const { secret } = await createClient(
        pool,
        { clientId, role, agency: null, name: `Demo ${role}` },
        'demo',
      )
      return { clientId, clientSecret: secret ?? '' }
    }
    return [await create('admin'), await create('auditor')]
  } finally {
    await pool.end()
  }
}

function spawnTram(args: readonly string[], variables: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [TRAM, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function runToEnd(args: readonly string[], variables: Record<string, string>): Promise<void> {
  const child = spawnTram(args, variables)
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`tram ${args.join(' ')} ended with ${String(code)}`)
}

/** Starts a process and waits until it says that it is ready; what it logs from then on is a warning, and shown. */
function start(
  processes: Map<string, ChildProcess>,
  name: string,
  args: readonly string[],
  variables: Record<string, string>,
): Promise<void> {
  const child = spawnTram(args, { ...variables, TRAM_LOG_LEVEL: 'info' })
  processes.set(name, child)
  return new Promise((resolve, reject) => {
    child.on('close', (code) => reject(new Error(`${name} ended with ${String(code)}`)))
    createInterface(child.stdout!).on('line', (line) => {
      const entry = parseLog(line)
      if (entry === undefined) return console.error(line)
      if (entry.msg === 'ready') resolve()
      if (entry.level >= 40) console.error(`  [${name}] ${line}`)
    })
  })
}

function parseLog(line: string): { level: number; msg: string } | undefined {
  try {
    return JSON.parse(line) as { level: number; msg: string }
  } catch {
    return undefined
  }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await ended
}
