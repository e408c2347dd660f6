import { randomBytes } from 'node:crypto'
import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { delimiter, join, resolve } from 'node:path'
import { freePort } from './free-port.ts'
import { Service, untilReady } from './service.ts'
import { supervise } from './supervise.ts'

export interface RedisOptions {
  /** Takes the data in `<folder>/redis`; existing data is used again. */
  readonly folder: string
  /** A free one where left out. */
  readonly port?: number
}

/** The full path of redis-server on PATH, or null where this machine has none. */
export async function findRedis(path = process.env.PATH ?? ''): Promise<string | null> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const program = join(folder, 'redis-server')
    const found = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return program
  }
  return null
}

/**
 * Starts a Redis of this machine on 127.0.0.1 with a password that is drawn when its folder is made. It keeps what a
 * queue needs: the append-only file synced every second, and no key ever evicted. It ends with this process.
 */
export async function startRedis(options: RedisOptions): Promise<Service> {
  const command = await findRedis()
  if (command === null) throw new Error('redis-server is not on PATH')
  const home = join(resolve(options.folder), 'redis')
  await mkdir(home, { recursive: true, mode: 0o700 })
  const port = options.port ?? (await freePort())
  const password = await passwordOf(home)
  const configFile = join(home, 'redis.conf')
  await writeFile(configFile, configuration(home, port, password), { mode: 0o600 })
  const logFile = join(home, 'log')
  const launch = async () => {
    const server = { command, args: [configFile], logFile, stopSignal: 'TERM' as const, identity: null }
    const started = await supervise(server)
    await untilReady(started, logFile, () => answersPing(port, password))
    return started
  }
  return Service.start({
    url: `redis://:${password}@127.0.0.1:${port}`,
    logFile,
    stopSignal: 'SIGTERM',
    launch,
  })
}

async function passwordOf(home: string): Promise<string> {
  const file = join(home, 'password')
  const known = await readFile(file, 'utf8').catch(() => null)
  if (known !== null) return known
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, password, { mode: 0o600 })
  return password
}

/** A file, not arguments: every user of the machine can read the arguments of a process. */
function configuration(home: string, port: number, password: string): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${home}"`,
    'daemonize no',
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    '',
  ].join('\n')
}

/** Redis answers `-LOADING` while it reads its append-only file; only +PONG counts. */
function answersPing(port: number, password: string): Promise<boolean> {
  return new Promise((answer) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    let reply = ''
    const finish = (ready: boolean) => {
      socket.destroy()
      answer(ready)
    }
    socket.setTimeout(1_000, () => finish(false))
    socket.on('error', () => finish(false))
    socket.on('close', () => finish(false))
    socket.on('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    socket.on('data', (chunk) => {
      reply += chunk.toString('latin1')
      if (reply.split('\r\n').length > 2) finish(reply === '+OK\r\n+PONG\r\n')
    })
  })
}
