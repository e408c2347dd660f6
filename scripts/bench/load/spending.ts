import { readdirSync, readFileSync } from 'node:fs'
import { familyTime, processorTime } from '../axis/processor-time.ts'
import type { Drivers } from './drivers.ts'
import type { Gateway, Ground } from './gateway.ts'

/** Who spends processor time in a run. */
export interface Spenders {
  readonly api: readonly number[]
  readonly worker: readonly number[]
  readonly postgres: number
  readonly redis: number
  readonly driver: readonly number[]
}

/** Those of a gateway on its servers, with the processes that load it. */
export function spendersOf(
  { processes }: Pick<Gateway, 'processes'>,
  { postgres, redis }: Pick<Ground, 'postgres' | 'redis'>,
  { pids }: Pick<Drivers, 'pids'>,
): Spenders {
  const of = (wanted: 'api' | 'worker') =>
    processes.filter(({ kind }) => kind === wanted).map(({ pid }) => pid)
  return {
    api: of('api'),
    worker: of('worker'),
    postgres: postgres.pid,
    redis: redis.pid,
    driver: Object.values(pids),
  }
}

export type Share = keyof Spenders

/** Milliseconds of processor time that each has spent so far. */
export type Spending = Readonly<Record<Share, number>>

const sum = (pids: readonly number[], of: (pid: number) => number): number =>
  pids.reduce((total, pid) => total + of(pid), 0)

export const spending = (spenders: Spenders): Spending => ({
  api: sum(spenders.api, processorTime),
  worker: sum(spenders.worker, processorTime),
  postgres: familyTime(spenders.postgres),
  redis: processorTime(spenders.redis),
  driver: sum(spenders.driver, processorTime),
})

/** What was spent between two looks. */
export function spentBetween(before: Spending, after: Spending): Spending {
  const names = Object.keys(before) as Share[]
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as Record<Share, number>
}

const kibibytes = (pid: number, file: string, field: string): number => {
  try {
    const text = readFileSync(`/proc/${pid}/${file}`, 'utf8')
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** MiB that a process held at its largest (VmHWM). */
export const peakMemory = (pid: number): number => kibibytes(pid, 'status', 'VmHWM') / 1024

/** MiB that a process holds now. */
export const residentMemory = (pid: number): number => kibibytes(pid, 'status', 'VmRSS') / 1024

/** MiB of all of PostgreSQL's processes now, what they share counted once (Pss). */
export function postgresMemory(postmaster: number): number {
  const family = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid === postmaster || parentOf(pid) === postmaster)
  return sum(family, (pid) => kibibytes(pid, 'smaps_rollup', 'Pss')) / 1024
}

function parentOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}
