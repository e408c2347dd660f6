import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from '../../../src/db/pool.ts'
import type { TramProcess } from './processes.ts'

/** Times that bytes were made durable, by whom; undefined where nobody can tell. */
export interface Fsyncs {
  /** fsync and fdatasync of APIs and workers, by strace. */
  readonly gateway: number | undefined
  /** By PostgreSQL's own count (pg_stat_io). */
  readonly postgres: number
}

const ATTACH_MS = 1_000
/** A session tells the server's statistics of what it did once a second at most. */
const TELL_MS = 1_500

async function ofPostgres(pool: Pool): Promise<number> {
  await sleep(TELL_MS)
  const { rows } = await pool.query<{ fsyncs: number }>(
    'select coalesce(sum(fsyncs), 0)::float8 as fsyncs from pg_stat_io',
  )
  return rows[0]!.fsyncs
}

/** Counts while `work` runs, in a run of its own: whoever is traced is slower. */
export async function countFsyncs(
  processes: readonly TramProcess[],
  pool: Pool,
  work: () => Promise<unknown>,
): Promise<Fsyncs> {
  const before = await ofPostgres(pool)
  const pids = processes.flatMap(({ pid }) => ['-p', String(pid)])
  const strace = spawn(
    'strace',
    ['-f', '-qq', '-e', 'trace=fsync,fdatasync', '-o', '|grep -c sync', ...pids],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const told = text(strace.stdout)
  const ended = once(strace, 'close').catch(() => undefined)
  await sleep(ATTACH_MS)
  const isTracing = strace.exitCode === null && strace.pid !== undefined
  await work()
  strace.kill('SIGINT')
  await ended
  const count = Number.parseInt(await told, 10)
  const gateway = isTracing && !Number.isNaN(count) ? count : undefined
  return { gateway, postgres: (await ofPostgres(pool)) - before }
}
