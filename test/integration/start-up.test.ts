import { Redis } from 'ioredis'
import { pino } from 'pino'
import t from 'tap'
import { startPostgres } from '../../scripts/services/postgres.ts'
import { findRedis, startRedis } from '../../scripts/services/redis.ts'
import { refuseUnsafeServers } from '../../src/bin/unsafe-servers.ts'
import type { BaseContext } from '../../src/context.ts'
import { createPool } from '../../src/db/pool.ts'
import { databaseCheck } from '../../src/http/health/readiness.ts'
import { testGateway } from '../support/gateway.ts'
import { type Teardown, temporaryFolder } from '../support/temporary-folder.ts'

type Servers = Pick<BaseContext, 'config' | 'pool' | 'log'>

const silent = pino({ level: 'silent' })

/** A production configuration over these servers; nothing but the servers is looked at. */
async function production(
  t: Teardown,
  servers: { databaseUrl?: string; redisUrl?: string },
): Promise<Servers> {
  const { api } = await testGateway(t)
  const { databaseUrl = api.config.databaseUrl, redisUrl } = servers
  const pool = createPool({ databaseUrl, max: 1, applicationName: 'test', onError: () => {} })
  t.teardown(() => pool.end())
  const queue =
    redisUrl === undefined
      ? { kind: 'postgres' as const, url: databaseUrl }
      : { kind: 'redis' as const, url: redisUrl }
  return { config: { ...api.config, mode: 'production', queue }, pool, log: silent }
}

t.test('a PostgreSQL that loses commits is refused in production', async (t) => {
  const unsafe = await startPostgres({ folder: await temporaryFolder(t), durable: false })
  t.teardown(() => unsafe.stop())
  const servers = await production(t, { databaseUrl: unsafe.url })
  await t.rejects(refuseUnsafeServers(servers), {
    message: /fsync off\n.*full_page_writes off\n.*synchronous_commit off/,
  })
  const development = { ...servers, config: { ...servers.config, mode: 'development' as const } }
  await t.resolves(refuseUnsafeServers(development), 'development may')
})

t.test('a PostgreSQL that only answers before it has written is refused in production', async (t) => {
  const server = await startPostgres({ folder: await temporaryFolder(t) })
  t.teardown(() => server.stop())
  const sound = await production(t, { databaseUrl: server.url })
  await t.resolves(refuseUnsafeServers(sound))
  t.equal(await databaseCheck(sound.pool, 'production').check(), null)
  const url = new URL(server.url)
  url.searchParams.set('options', '-c synchronous_commit=off')
  const hasty = await production(t, { databaseUrl: url.href })
  await t.rejects(refuseUnsafeServers(hasty), { message: /PostgreSQL runs with synchronous_commit off/ })
  t.equal(await databaseCheck(hasty.pool, 'production').check(), 'off: synchronous_commit')
  t.equal(await databaseCheck(hasty.pool, 'development').check(), null)
})

t.test('servers that are not there yet do not keep a process from starting', async (t) => {
  const away = { databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing', redisUrl: 'redis://127.0.0.1:1' }
  await t.resolves(refuseUnsafeServers(await production(t, away)))
})

const skip = (await findRedis()) === null ? 'no redis-server on PATH' : false
t.test('a Redis that evicts is refused', { skip }, async (t) => {
  const redis = await startRedis({ folder: await temporaryFolder(t) })
  t.teardown(() => redis.stop())
  const servers = await production(t, { redisUrl: redis.url })
  await t.resolves(refuseUnsafeServers(servers), 'noeviction is fine')
  const client = new Redis(redis.url)
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
  client.disconnect()
  await t.rejects(refuseUnsafeServers(servers), { message: /allkeys-lru/ })
})
