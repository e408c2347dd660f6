import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from '../../../test/support/wait-for.ts'
import { tailOf } from '../../services/supervise.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const READY_MS = 120_000

export interface TramProcess {
  /** `api 1`, `worker 2`. */
  readonly name: string
  readonly kind: 'api' | 'worker'
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

export interface ProcessOptions {
  readonly kind: TramProcess['kind']
  readonly number: number
  readonly port: number
  readonly variables: Readonly<Record<string, string>>
  /** Takes its log. */
  readonly folder: string
  /** Takes what it spent its processor time on, once it has ended; null for no profile. */
  readonly profile: string | null
}

const COMMANDS = { api: 'serve', worker: 'worker' } as const

/** Starts an API or a worker and waits until it says that it is ready. */
export async function startProcess(options: ProcessOptions): Promise<TramProcess> {
  const { kind, number, port, variables, folder, profile } = options
  const name = `${kind} ${number}`
  const url = `http://127.0.0.1:${port}`
  const logFile = join(folder, `${kind}-${number}.log`)
  const log = openSync(logFile, 'a')
  const flags =
    profile === null
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${kind}-${number}.cpuprofile`]
  const child = spawn(
    process.execPath,
    [...flags, '--import', './scripts/strip-types.mjs', 'src/bin/tram.mjs', COMMANDS[kind]],
    {
      cwd: ROOT,
      env: { ...process.env, ...variables, ...portOf(options) },
      stdio: ['ignore', log, log],
    },
  )
  closeSync(log)
  // Whatever becomes of the bench, nothing is left behind.
  process.once('exit', () => child.kill('SIGKILL'))
  const running = () => child.exitCode === null && child.signalCode === null
  await waitFor(
    () => !running() || isReady(url),
    READY_MS,
    () => `${name} is ready`,
  )
  if (!running()) throw new Error(`${name} does not start:\n${await tailOf(logFile)}`)
  const tellOfEnd = () =>
    void tailOf(logFile).then((tail) => console.error(`${name} ended by itself:\n${tail}`))
  child.once('exit', tellOfEnd)
  const stop = () => {
    child.off('exit', tellOfEnd)
    return end(child)
  }
  return { name, kind, url, pid: child.pid ?? 0, stop }
}

/** The public URL is one for all APIs, as behind a balancer: tokens that one of them issues are good at the others. */
const portOf = ({ kind, port }: ProcessOptions): Record<string, string> => ({
  [kind === 'api' ? 'TRAM_PORT' : 'TRAM_WORKER_PORT']: String(port),
})

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
  await answer?.body?.cancel()
  return answer?.status === 200
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
