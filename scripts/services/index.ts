import { lstat, realpath, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { startPostgres } from './postgres.ts'
import { findRedis, startRedis } from './redis.ts'
import type { Service } from './service.ts'

export type QueueChoice = 'auto' | 'redis' | 'postgres'

export interface ServicesOptions {
  /** Takes the data of the services; existing data is used again. */
  readonly folder: string
  /** False trades safety of the data for speed; true where left out. */
  readonly durable?: boolean
  /** Redis where there is one (`auto`), or one of the two for certain. */
  readonly queue?: QueueChoice
  /** Addresses given from outside (DATABASE_URL, REDIS_URL) are used instead of servers of our own. */
  readonly given?: { readonly DATABASE_URL?: string; readonly REDIS_URL?: string }
}

export interface Services {
  readonly databaseUrl: string
  /** Null where the queue stands in PostgreSQL. */
  readonly redisUrl: string | null
  readonly queue: 'redis' | 'postgres'
  /** Null where the address came from outside. */
  readonly postgres: Service | null
  readonly redis: Service | null
  stop(): Promise<void>
}

/** Starts what Tram stands on: PostgreSQL, and Redis where it is wanted and to be had. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const given = options.given ?? process.env
  const queue = await chooseQueue(options.queue ?? 'auto', given.REDIS_URL)
  const ownRedis = queue === 'redis' && !given.REDIS_URL
  const starts = await Promise.allSettled([
    given.DATABASE_URL ? null : startPostgres(options),
    ownRedis ? startRedis(options) : null,
  ])
  const started = starts.map((start) => (start.status === 'fulfilled' ? start.value : null))
  const stop = async () => {
    await Promise.all(started.map((service) => service?.stop()))
  }
  const failed = starts.find((start) => start.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  const [postgres = null, redis = null] = started
  const databaseUrl = postgres?.url ?? given.DATABASE_URL ?? ''
  const redisUrl = queue === 'redis' ? (redis?.url ?? given.REDIS_URL ?? null) : null
  return { databaseUrl, redisUrl, queue, postgres, redis, stop }
}

async function chooseQueue(wanted: QueueChoice, given: string | undefined): Promise<'redis' | 'postgres'> {
  if (wanted === 'postgres') return 'postgres'
  if (given || (await findRedis()) !== null) return 'redis'
  if (wanted === 'auto') return 'postgres'
  throw new Error('no Redis: redis-server is not on PATH and REDIS_URL is not set')
}

/** Removes the data of services that have stopped, also where it lies behind a link. */
export async function removeServiceData(folder: string): Promise<void> {
  const home = join(resolve(folder), 'postgres')
  const link = await lstat(home).catch(() => null)
  if (link?.isSymbolicLink())
    await rm(await realpath(home).catch(() => home), { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
}
