import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Teardown } from './temporary-folder.ts'
import { waitFor } from './wait-for.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** One line of a process's log. */
export type LogEntry = Readonly<Record<string, unknown>>

export interface SpawnOptions {
  /** Relative to the root of the project. */
  readonly script?: string
  /** The line by which the process says that it does its work; null does not wait. */
  readonly ready?: ((entry: LogEntry) => boolean) | null
  readonly timeoutMs?: number
}

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface TramProcess {
  readonly pid: number
  /** Grows while the process runs. */
  readonly logs: readonly LogEntry[]
  /** What it wrote that is not a JSON object. */
  readonly otherOutput: readonly string[]
  readonly ended: Promise<Ending>
  /** The first entry, past or to come, that `matches`. */
  waitForLog(matches: (entry: LogEntry) => boolean, timeoutMs?: number): Promise<LogEntry>
  /** Sends a signal without waiting: SIGSTOP and SIGCONT make a process that hangs. */
  signal(signal: NodeJS.Signals): void
  /** Ends the process by `signal`; resolves when it is gone. */
  kill(signal: NodeJS.Signals): Promise<Ending>
}

/** The line that every process of Tram logs once it does its work. */
const saysReady = (entry: LogEntry): boolean => entry.msg === 'ready'

/**
 * Starts `tram <args>` as a process of its own and resolves once it is ready. `env` stands over the environment of the
 * test; undefined takes a variable out. The process is killed after the test where it still runs.
 */
export async function spawnTram(
  t: Teardown,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  options: SpawnOptions = {},
): Promise<TramProcess> {
  const { script = 'src/bin/tram.mjs', ready = saysReady, timeoutMs = 60_000 } = options
  const started = start([script, ...args], env)
  t.teardown(() => started.kill('SIGKILL'))
  if (ready !== null) await started.waitForLog(ready, timeoutMs)
  return started
}

function start(args: readonly string[], env: Readonly<Record<string, string | undefined>>): TramProcess {
  const child = spawn(process.execPath, ['--import', './scripts/strip-types.mjs', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const logs: LogEntry[] = []
  const otherOutput: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      const entry = parseEntry(line)
      if (entry === null) otherOutput.push(line)
      else logs.push(entry)
    })
  }
  let ending: Ending | null = null
  // `close`, not `exit`: only then has all of its output arrived.
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => {
      ending = { code, signal }
      resolve(ending)
    })
  })
  const account = () => [...logs.map((entry) => JSON.stringify(entry)), ...otherOutput].slice(-20).join('\n')
  const waitForLog = async (matches: (entry: LogEntry) => boolean, timeoutMs = 10_000) => {
    const found = () => logs.find(matches)
    await waitFor(
      () => found() !== undefined || ending !== null,
      timeoutMs,
      () => `a log line among:\n${account()}`,
    )
    const entry = found()
    if (entry === undefined) throw new Error(`ended with ${JSON.stringify(ending)}:\n${account()}`)
    return entry
  }
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  return {
    pid: child.pid ?? 0,
    logs,
    otherOutput,
    ended,
    waitForLog,
    signal: (s) => void child.kill(s),
    kill,
  }
}

function parseEntry(line: string): LogEntry | null {
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : null
  } catch {
    return null
  }
}
