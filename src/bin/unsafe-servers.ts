import { ConfigError } from '../config.ts'
import type { BaseContext } from '../context.ts'
import { losingSettings, readDurability } from '../db/durability.ts'
import { evictionPolicy } from '../queue/eviction-policy.ts'

/**
 * Refuses servers that lose what they confirmed: a PostgreSQL with fsync, full_page_writes or synchronous_commit
 * off, in production, and a Redis that evicts. A server that does not answer now is no reason not to start: readiness tells of it.
 * @throws ConfigError
 */
export async function refuseUnsafeServers({
  config,
  pool,
  log,
}: Pick<BaseContext, 'config' | 'pool' | 'log'>): Promise<void> {
  const faults: string[] = []
  const durability = await readDurability(pool).catch((error: unknown) => {
    log.warn({ err: error }, 'PostgreSQL does not answer yet')
    return undefined
  })
  if (config.mode === 'production' && durability !== undefined) {
    faults.push(...losingSettings(durability).map((setting) => `PostgreSQL runs with ${setting} off`))
  }
  const policy = await evictionPolicy(config.queue)
  if (policy !== null && policy !== 'noeviction') {
    faults.push(
      `Redis runs with maxmemory-policy ${policy}; it must be noeviction, for evicted locks run work twice`,
    )
  }
  if (faults.length > 0) throw new ConfigError(faults)
}
