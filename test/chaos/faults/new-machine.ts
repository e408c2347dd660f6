import { join } from 'node:path'
import { Redis } from 'ioredis'
import { migrateQueue } from '../../../src/queue/backend.ts'
import { trialPool } from '../trial-pool.ts'
import type { World } from '../world.ts'

export interface NewMachine {
  /** The world, with the new database and blob store in the place of those that are lost. */
  readonly machine: World
  /** What processes are started with there. */
  readonly variables: Record<string, string>
  close(): Promise<void>
}

/** An empty database, an empty place for blobs, and a queue that has forgotten everything; keys and senders are the same. */
export async function openNewMachine(world: World): Promise<NewMachine> {
  const { redis } = world.servers
  await world.pool.query('create database new_machine')
  const url = new URL(world.variables.DATABASE_URL!)
  url.pathname = '/new_machine'
  const databaseUrl = url.href
  const blobs = join(world.folder, 'new-blobs')
  if (redis !== null) await forgetAll(redis.url)
  const pool = trialPool(databaseUrl)
  const variables = { DATABASE_URL: databaseUrl, TRAM_BLOBS: blobs }
  const machine: World = {
    ...world,
    pool,
    blobs,
    variables: { ...world.variables, ...variables },
    traffic: (options) => world.traffic({ ...options, pool }),
  }
  return { machine, variables, close: () => pool.end() }
}

/** A queue in PostgreSQL has its tables made once the database is restored, for it must be empty until then. */
export async function makeQueue({ queue, servers }: World, databaseUrl: string): Promise<void> {
  await migrateQueue({ kind: queue, url: servers.redis?.url ?? databaseUrl })
}

async function forgetAll(url: string): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: 1 })
  try {
    await client.flushall()
  } finally {
    client.disconnect()
  }
}
