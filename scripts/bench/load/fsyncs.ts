import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from '../../../src/db/pool.ts'
import type { TramProcess } from './processes.ts'

/** Times that bytes were made durable for one document. */
export interface Fsyncs {
  /** fsync and fdatasync of APIs and workers, by strace; undefined where there is none. */
  readonly gateway: number | undefined
  /** By PostgreSQL's own count (pg_stat_io). */
  readonly postgres: number
}

const ATTACH_MS = 1_000
/** A session tells the server's statistics of what it did once a second at most. */
const TELL_MS = 1_500

/** Times that PostgreSQL made bytes durable so far, by its own count. */
export async function postgresFsyncs(pool: Pool): Promise<number> {
  await sleep(TELL_MS)
  const { rows } = await pool.query<{ fsyncs: number }>(
    'select coalesce(sum(fsyncs), 0)::float8 as fsyncs from pg_stat_io',
  )
  return rows[0]!.fsyncs
}

/**
 * How often these processes made bytes durable while `work` ran, by strace; undefined where it cannot trace. Whoever is
 * traced is slower: nothing else is measured in such a run.
 */
export async function tracedFsyncs(
  processes: readonly TramProcess[],
  work: () => Promise<unknown>,
): Promise<number | undefined> {
  const pids = processes.flatMap(({ pid }) => ['-p', String(pid)])
  const options = ['-f', '-qq', '-e', 'trace=fsync,fdatasync', '-o', '|grep -c sync']
  const strace = spawn('strace', [...options, ...pids], { stdio: ['ignore', 'pipe', 'ignore'] })
  const told = text(strace.stdout)
  const ended = once(strace, 'close').catch(() => undefined)
  await sleep(ATTACH_MS)
  const isTracing = strace.exitCode === null && strace.pid !== undefined
  await work()
  strace.kill('SIGINT')
  await ended
  const count = Number.parseInt(await told, 10)
  return isTracing && !Number.isNaN(count) ? count : undefined
}
