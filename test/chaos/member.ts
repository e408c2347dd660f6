import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { tailOf } from '../../scripts/services/supervise.ts'
import { waitFor } from '../support/wait-for.ts'
import type { Member } from './world.ts'

export interface MemberOptions {
  readonly name: string
  readonly kind: Member['kind']
  readonly port: number
  /** The built program, and what is loaded before it. */
  readonly program: string
  readonly preload: string
  readonly variables: Readonly<Record<string, string>>
  readonly logFile: string
  /** Whether a process that ends by itself is started again, as a service manager does. */
  readonly supervised: boolean
}

/** Milliseconds after which a service manager starts a process again (`RestartSec` of systemd is 100 ms). */
const RESTART_MS = 250
const READY_MS = 120_000

const COMMANDS = { api: 'serve', worker: 'worker' } as const

const asksReady = (url: string) => async (): Promise<boolean> => {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
  await answer?.body?.cancel()
  return answer?.status === 200
}

export function createMember(options: MemberOptions): Member {
  const { name, kind, port, program, preload, logFile, supervised } = options
  const url = `http://127.0.0.1:${port}`
  const isReady = asksReady(url)
  let child: ChildProcess | null = null
  let wanted = false
  let closed = false
  const running = () => child !== null && child.exitCode === null && child.signalCode === null

  const launch = (variables: Readonly<Record<string, string>> = {}): void => {
    if (closed) return
    wanted = true
    const log = openSync(logFile, 'a')
    const started = spawn(
      process.execPath,
      ['--enable-source-maps', '--import', preload, program, COMMANDS[kind]],
      {
        env: { PATH: process.env.PATH ?? '', ...options.variables, ...variables },
        stdio: ['ignore', log, log, 'ipc'],
      },
    )
    closeSync(log)
    started.on('error', () => undefined)
    started.once('exit', () => {
      if (!wanted || !supervised || child !== started) return
      setTimeout(() => {
        if (wanted && child === started) launch()
      }, RESTART_MS)
    })
    child = started
  }
  const ended = async (): Promise<'killed' | 'exited'> => {
    const gone = child
    if (gone !== null && running()) await once(gone, 'exit')
    return gone?.signalCode === 'SIGKILL' ? 'killed' : 'exited'
  }
  return {
    name,
    kind,
    url,
    isReady,
    launch,
    ended,
    get pid() {
      return child?.pid ?? 0
    },
    get running() {
      return running()
    },
    signal: (signal) => void child?.kill(signal),
    async kill(signal = 'SIGKILL') {
      wanted = false
      child?.kill(signal)
      await ended()
    },
    async close() {
      closed = true
      wanted = false
      child?.kill('SIGKILL')
      await ended()
    },
    async start(variables) {
      launch(variables)
      await waitFor(
        () => {
          if (closed) return true
          // As a service manager would: a process that finds its database away ends, and is started again.
          if (!running() && !supervised) launch(variables)
          return isReady()
        },
        READY_MS,
        () => `${name} is ready`,
      ).catch(async (error: unknown) => {
        throw new Error(`${name} does not start:\n${await tailOf(logFile)}`, { cause: error })
      })
    },
  }
}
