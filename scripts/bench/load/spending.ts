import { readFileSync } from 'node:fs'
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

export const SHARES: readonly Share[] = ['api', 'worker', 'postgres', 'redis', 'driver']

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

/**
 * What was spent between two looks.
 * @throws Error where a share shrank: a process ended meanwhile, and with it went what it had spent
 */
export function spentBetween(before: Spending, after: Spending): Spending {
  const spent = mapShares((share) => after[share] - before[share])
  for (const share of SHARES)
    if (spent[share] < 0) throw new Error(`${share} spent ${spent[share]} ms: a process of it has ended`)
  return spent
}

/** The same for one of so many documents. */
export const perDocument = (spent: Spending, documents: number): Spending =>
  mapShares((share) => spent[share] / documents)

/** The processor time of the gateway and its servers, without who drives the load. */
export const costOf = (spent: Spending): number =>
  SHARES.filter((share) => share !== 'driver').reduce((total, share) => total + spent[share], 0)

/** Made for each share. */
export function mapShares(of: (share: Share) => number): Spending {
  const made = (share: Share) => [share, of(share)] as const
  return Object.fromEntries(SHARES.map(made)) as Record<Share, number>
}

/** 0 of a process that has ended; NaN where the kernel does not tell: what is unknown is not little. */
const kibibytes = (pid: number, file: string, field: string): number => {
  try {
    const text = readFileSync(`/proc/${pid}/${file}`, 'utf8')
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)
  } catch (error) {
    return isGone(error) ? 0 : Number.NaN
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')

/** MiB that a process held at its largest (VmHWM). */
export const peakMemory = (pid: number): number => kibibytes(pid, 'status', 'VmHWM') / 1024

/** MiB that a process holds now. */
export const residentMemory = (pid: number): number => kibibytes(pid, 'status', 'VmRSS') / 1024

/**
 * MiB of all of PostgreSQL's processes now, what they share counted once (Pss); NaN where the kernel does not tell. The
 * kernel walks the pages of each: some 10 to 30 ms of its time.
 */
export function postgresMemory(postmaster: number): number {
  const children = childrenOf(postmaster)
  if (children === null) return Number.NaN
  return sum([postmaster, ...children], (pid) => kibibytes(pid, 'smaps_rollup', 'Pss')) / 1024
}

function childrenOf(pid: number): number[] | null {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return list.split(' ').filter(Boolean).map(Number)
  } catch {
    return null
  }
}
