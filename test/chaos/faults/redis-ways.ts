import { cp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Redis } from 'ioredis'
import type { Service } from '../../../scripts/services/service.ts'
import { pause } from '../system.ts'

/** A way in which Redis may fail its users. */
export interface RedisWay {
  readonly name: string
  /** Whether it forgets what it was told; otherwise it only does not answer. */
  readonly forgets: boolean
  /** Done a while before. */
  prepare?(redis: Service): Promise<void>
  /** Resolves when it is broken; an emptied Redis is whole again at once. @param holdMs how long a fault that lasts does */
  break(redis: Service, holdMs: number): Promise<void>
  mend(redis: Service): Promise<void>
}

const nothing = async (): Promise<void> => undefined

const folderOf = ({ logFile }: Service): string => join(dirname(logFile), 'appendonlydir')

async function command(redis: Service, ...words: readonly [string, ...string[]]): Promise<void> {
  const client = new Redis(redis.url, { maxRetriesPerRequest: 1 })
  try {
    await client.call(...words)
  } finally {
    client.disconnect()
  }
}

async function killed(redis: Service, between: (folder: string) => Promise<void>): Promise<void> {
  await redis.kill('SIGKILL')
  await between(folderOf(redis))
  await redis.restart()
}

export const REDIS_WAYS: readonly RedisWay[] = [
  { name: 'emptied', forgets: true, break: (redis) => command(redis, 'FLUSHALL'), mend: nothing },
  {
    name: 'restarted without its files',
    forgets: true,
    break: (redis) => killed(redis, (folder) => rm(folder, { recursive: true })),
    mend: nothing,
  },
  {
    name: 'restarted with old files',
    forgets: true,
    prepare: (redis) => cp(folderOf(redis), `${folderOf(redis)}.old`, { recursive: true }),
    break: (redis) =>
      killed(redis, async (folder) => {
        await rm(folder, { recursive: true })
        await rename(`${folder}.old`, folder)
      }),
    mend: nothing,
  },
  {
    name: 'wedged at maxmemory',
    forgets: false,
    async break(redis, holdMs) {
      await command(redis, 'CONFIG', 'SET', 'maxmemory', '100kb')
      await pause(holdMs)
    },
    mend: (redis) => command(redis, 'CONFIG', 'SET', 'maxmemory', '0'),
  },
  {
    name: 'frozen',
    forgets: false,
    async break(redis, holdMs) {
      await redis.freeze()
      await pause(holdMs)
    },
    mend: (redis) => redis.thaw(),
  },
]
