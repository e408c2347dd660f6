import type { Config } from '../config.ts'
import { databaseNow } from '../db/now.ts'
import { pendingMigrations } from '../db/pending-migrations.ts'
import type { Pool } from '../db/pool.ts'
import { readServerSettings } from '../db/server-settings.ts'
import { probeQueue } from '../delivery/probe-queue.ts'
import { evictionPolicy } from '../queue/eviction-policy.ts'
import type { Check } from './finding.ts'

/** Seconds by which this machine's clock may differ from the database's. */
const MOST_DRIFT = 2

/** What can be asked of the database, and of the queue, which needs it. */
export function databaseChecks(pool: Pool, { queue, mode }: Config): Check[] {
  return [
    {
      what: 'cơ sở dữ liệu/database',
      async look() {
        const { server_version, max_connections } = await readServerSettings(pool)
        return { outcome: 'ok', detail: `PostgreSQL ${server_version}, ${max_connections} connections` }
      },
    },
    {
      what: 'độ bền/durability',
      async look() {
        const settings = await readServerSettings(pool)
        const off = (['fsync', 'full_page_writes', 'synchronous_commit'] as const).filter(
          (name) => settings[name] === 'off',
        )
        if (off.length === 0) return { outcome: 'ok', detail: 'what is committed outlives a crash' }
        return { outcome: mode === 'production' ? 'failed' : 'warning', detail: `${off.join(', ')} off` }
      },
    },
    {
      what: 'lược đồ/migrations',
      async look() {
        const pending = await pendingMigrations(pool)
        if (pending.length === 0) return { outcome: 'ok', detail: 'up to date' }
        return { outcome: 'failed', detail: `run \`tram migrate\` for ${pending.join(', ')}` }
      },
    },
    {
      what: 'đồng hồ/clock',
      async look() {
        const before = Date.now()
        const theirs = (await databaseNow(pool)).getTime()
        const drift = Math.abs(theirs - (before + Date.now()) / 2) / 1_000
        const detail = `${drift.toFixed(3)} s from the database's`
        return { outcome: drift > MOST_DRIFT ? 'failed' : 'ok', detail }
      },
    },
    {
      what: `hàng đợi/queue (${queue.kind})`,
      async look() {
        const depths = await probeQueue(pool, queue)
        return { outcome: 'ok', detail: depths.map(({ tier, depth }) => `${tier} ${depth}`).join(', ') }
      },
    },
    ...(queue.kind === 'redis' ? [memoryPolicyCheck(queue)] : []),
  ]
}

/** A Redis that evicts loses locks, and work is done twice; the gateway refuses to start with it. */
const memoryPolicyCheck = (queue: Config['queue']): Check => ({
  what: 'bộ nhớ Redis/maxmemory-policy',
  async look() {
    const policy = await evictionPolicy(queue)
    if (policy === null) return { outcome: 'warning', detail: 'Redis does not tell; it must be noeviction' }
    if (policy === 'noeviction') return { outcome: 'ok', detail: policy }
    return { outcome: 'failed', detail: `${policy}; it must be noeviction` }
  },
})
