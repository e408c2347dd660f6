import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type QueueChoice, removeServiceData, type Services, startServices } from './services/index.ts'

const USAGE = `node --import tsx scripts/with-services.ts [--queue auto|redis|postgres] [--folder path] [--fast] -- command …

Starts PostgreSQL, and Redis where it is wanted and to be had, and runs the command with DATABASE_URL, REDIS_URL and
TRAM_QUEUE in its environment. Its exit code is the command's.
  --queue   where the queue stands; auto (the default) is Redis where there is one
  --folder  keeps the data here; left out, the data goes away with the command
  --fast    gives up the safety of the data for speed (fsync off)
`

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const QUEUES: Record<QueueChoice, true> = { auto: true, redis: true, postgres: true }
const isQueue = (value: string): value is QueueChoice => Object.hasOwn(QUEUES, value)

function readArguments(args: readonly string[]) {
  const separator = args.indexOf('--')
  const [command, ...rest] = separator < 0 ? [] : args.slice(separator + 1)
  const { values } = parseArgs({
    args: args.slice(0, separator < 0 ? undefined : separator),
    options: {
      queue: { type: 'string', default: 'auto' },
      folder: { type: 'string' },
      fast: { type: 'boolean', default: false },
    },
  })
  if (command === undefined || !isQueue(values.queue)) throw new Error(USAGE)
  return { ...values, queue: values.queue, command, rest }
}

/** From the first signal on, nothing more is started; a command that runs gets the signal too. */
class Interruption {
  signal: NodeJS.Signals | null = null
  command: ChildProcess | null = null

  constructor() {
    for (const signal of SIGNALS) process.on(signal, () => this.#pass(signal))
  }

  #pass(signal: NodeJS.Signals): void {
    this.signal = signal
    // A terminal gives Ctrl-C to the whole group, so the command has it already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) this.command?.kill(signal)
  }
}

/** Resolves with the exit code the shell would give: 128 and the signal's number where a signal ended the command. */
async function run(command: string, args: readonly string[], services: Services, interruption: Interruption) {
  const { REDIS_URL: _, ...inherited } = process.env
  const redis = services.redisUrl === null ? {} : { REDIS_URL: services.redisUrl }
  const env = { ...inherited, ...redis, DATABASE_URL: services.databaseUrl, TRAM_QUEUE: services.queue }
  const child = spawn(command, args, { stdio: 'inherit', env })
  interruption.command = child
  await once(child, 'exit')
  return child.exitCode ?? exitCodeOf(child.signalCode ?? 'SIGKILL')
}

const exitCodeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]

async function main(): Promise<number> {
  const options = readArguments(process.argv.slice(2))
  const interruption = new Interruption()
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'tram-services-')))
  let services: Services | null = null
  try {
    services = await startServices({ folder, durable: !options.fast, queue: options.queue })
    if (interruption.signal !== null) return exitCodeOf(interruption.signal)
    return await run(options.command, options.rest, services, interruption)
  } finally {
    await services?.stop()
    if (options.folder === undefined) await removeServiceData(folder)
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
