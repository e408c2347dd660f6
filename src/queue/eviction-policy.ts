import { Redis } from 'ioredis'
import type { QueueConnection } from './backend.ts'

const PATIENCE_MS = 2_000

/**
 * What Redis does when its memory is full (`maxmemory-policy`); null where the queue is not in Redis, or Redis does not
 * answer or does not tell.
 */
export async function evictionPolicy({ kind, url }: QueueConnection): Promise<string | null> {
  if (kind !== 'redis') return null
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    const answer = await redis.config('GET', 'maxmemory-policy')
    return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : null
  } catch {
    return null
  } finally {
    redis.disconnect()
  }
}
