import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, chown, mkdir, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import pg from 'pg'
import t from 'tap'
import { freePort, isFree, reserve } from '../../scripts/services/free-port.ts'
import { removeServiceData, startServices } from '../../scripts/services/index.ts'
import { startPostgres } from '../../scripts/services/postgres.ts'
import { findRedis, startRedis } from '../../scripts/services/redis.ts'
import { inTurns } from '../support/in-turns.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const noRedis = (await findRedis()) === null ? 'redis-server is not on PATH' : false

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  // A server that is killed under a query also ends the connection, which pg reports apart from the query.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return rows
  } finally {
    await client.end()
  }
}
const notRoot = process.getuid?.() === 0 ? false : 'not root'

/** The processes that were started with `folder` among their arguments: servers, and the shells that watch over them. */
async function processesOf(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const commands = ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''))
  return (await Promise.all(commands)).filter((command) => command.includes(folder))
}

/** One cluster for all tests that need no new one: making one is what takes time. */
const shared = await temporaryFolder(t)

const COMPUTING = 'select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b'

t.test('PostgreSQL keeps committed data over SIGKILL and starts again under the same address', async (t) => {
  const postgres = await startPostgres({ folder: shared })
  t.teardown(() => postgres.stop())
  await query(
    postgres.url,
    "drop table if exists kept; create table kept (word text); insert into kept values ('Công văn hỏa tốc')",
  )
  // A backend that computes does not notice by itself that its server is gone.
  const busy = query(postgres.url, COMPUTING).then(
    () => 'finished',
    () => 'cut off',
  )
  const isComputing = `select 1 from pg_stat_activity where query = '${COMPUTING}'`
  await waitFor(async () => (await query(postgres.url, isComputing)).length === 1)

  await postgres.kill('SIGKILL')
  t.equal(await busy, 'cut off')
  t.notOk(postgres.running)
  await t.rejects(query(postgres.url, 'select 1'), { code: 'ECONNREFUSED' })

  await postgres.restart()
  t.strictSame(await query(postgres.url, 'select word from kept'), [{ word: 'Công văn hỏa tốc' }])
  await t.rejects(postgres.restart(), /still running/)
})

t.test(
  'PostgreSQL is durable unless asked otherwise, asks for a password, and listens on loopback',
  async (t) => {
    const settings = [
      'fsync',
      'full_page_writes',
      'synchronous_commit',
      'listen_addresses',
      'unix_socket_directories',
    ]
    const sql = `select ${settings.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`
    const durable = await startPostgres({ folder: shared })
    t.teardown(() => durable.stop())
    t.match(await query(durable.url, sql), [
      {
        fsync: 'on',
        full_page_writes: 'on',
        synchronous_commit: 'on',
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
      },
    ])
    const stranger = new URL(durable.url)
    stranger.password = 'guessed'
    await t.rejects(query(stranger.href, 'select 1'), { code: '28P01' }, 'a wrong password is refused')
    await durable.stop()
    const fast = await startPostgres({ folder: shared, durable: false })
    t.teardown(() => fast.stop())
    t.match(await query(fast.url, sql), [
      { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' },
    ])
  },
)

t.test('PostgreSQL folds and sorts Vietnamese', async (t) => {
  const postgres = await startPostgres({ folder: shared })
  t.teardown(() => postgres.stop())
  const sql = `select lower('ĐẶNG THỊ ƯỚC') as folded, 'ủy ban' ilike 'ỦY BAN' as alike,
    (select string_agg(x, ' ' order by x collate "vi-x-icu") from unnest(array['e','Đ','d','ă','ả','b','a']) x) as sorted,
    (select datlocale from pg_database where datname = current_database()) as locale`
  const expected = { folded: 'đặng thị ước', alike: true, sorted: 'a ả ă b d Đ e', locale: 'C.UTF-8' }
  t.strictSame(await query(postgres.url, sql), [expected])
})

t.test('two sets of services side by side do not clash, and nothing is left after stop', async (t) => {
  const folders = [await temporaryFolder(t), await temporaryFolder(t)]
  const queue = noRedis ? 'postgres' : 'redis'
  const sets = await Promise.all(folders.map((folder) => startServices({ folder, queue, given: {} })))
  t.teardown(() => Promise.all(sets.map((set) => set.stop())))
  const [first, second] = sets
  await query(first!.databaseUrl, 'create table mine ()')
  t.strictSame(await query(second!.databaseUrl, "select to_regclass('mine') as mine"), [{ mine: null }])
  const services = sets.flatMap((set) => [set.postgres, set.redis]).filter((service) => service !== null)
  t.equal(new Set(services.map((service) => new URL(service.url).port)).size, noRedis ? 2 : 4)
  for (const folder of folders) t.not((await processesOf(folder)).length, 0, 'the servers can be seen')
  await Promise.all(sets.map((set) => set.stop()))
  for (const folder of folders) t.strictSame(await processesOf(folder), [])
})

t.test('a port is lent once', { skip: process.platform !== 'linux' }, async (t) => {
  const port = await freePort()
  t.ok(await isFree(port), 'nobody listens on it yet')
  t.notOk(await reserve(port))
})

t.test('a folder in use is refused, and the server that holds it goes on', async (t) => {
  const postgres = await startPostgres({ folder: shared })
  t.teardown(() => postgres.stop())
  await t.rejects(startPostgres({ folder: shared }), /postmaster.pid/)
  t.strictSame(await query(postgres.url, 'select 1 as one'), [{ one: 1 }])
})

t.test('a second start on the same folder takes less than a second', async (t) => {
  await (await startPostgres({ folder: shared })).stop()
  const start = async () => {
    const began = performance.now()
    const again = await startPostgres({ folder: shared })
    const taken = performance.now() - began
    await again.stop()
    return taken < 1_000 ? [] : [`${Math.round(taken)} ms`]
  }
  t.strictSame(await inTurns(5, start), [])
})

t.test('root keeps its data out of a closed home', { skip: notRoot }, async (t) => {
  const home = await temporaryFolder(t)
  await chmod(home, 0o700)
  const folder = join(home, 'clone', '.tram')
  const { databaseUrl, stop } = await startServices({ folder, queue: 'postgres', given: {} })
  t.strictSame(await query(databaseUrl, 'select 1 as one'), [{ one: 1 }])
  await stop()
  const real = await realpath(join(folder, 'postgres'))
  t.notOk(real.startsWith(home))
  await removeServiceData(folder)
  await t.rejects(access(real), { code: 'ENOENT' })
})

t.test('root takes up a cluster as the user who made it', { skip: notRoot }, async (t) => {
  const folder = await temporaryFolder(t)
  const home = join(folder, 'postgres')
  await mkdir(home)
  await chown(home, 12_345, 12_345)
  const postgres = await startPostgres({ folder, durable: false })
  t.teardown(() => postgres.stop())
  t.strictSame(await query(postgres.url, 'select 1 as one'), [{ one: 1 }])
  t.equal((await stat(join(home, 'data', 'postmaster.pid'))).uid, 12_345)
})

t.test('Redis keeps a synced write over SIGKILL and evicts nothing', { skip: noRedis }, async (t) => {
  const redis = await startRedis({ folder: await temporaryFolder(t) })
  t.teardown(() => redis.stop())
  const client = new Redis(redis.url, { maxRetriesPerRequest: 1, retryStrategy: () => 50 })
  client.on('error', () => undefined)
  t.teardown(() => client.disconnect())
  t.strictSame(await client.config('GET', 'maxmemory-policy'), ['maxmemory-policy', 'noeviction'])
  t.strictSame(await client.config('GET', 'appendfsync'), ['appendfsync', 'everysec'])
  await client.set('kept', 'yes')
  await waitFor(async () => (await client.info('persistence')).includes('aof_pending_bio_fsync:0'))
  await redis.kill('SIGKILL')
  await redis.restart()
  t.equal(await client.get('kept'), 'yes')
})

t.test('findRedis looks along PATH only', async (t) => {
  const folder = await temporaryFolder(t)
  t.equal(await findRedis(folder), null)
  await writeFile(join(folder, 'redis-server'), '')
  t.equal(await findRedis(folder), null, 'a file that cannot be run is none')
  await chmod(join(folder, 'redis-server'), 0o755)
  t.equal(await findRedis(`/nowhere:${folder}`), join(folder, 'redis-server'))
})

t.test('startServices uses the addresses it is given', async (t) => {
  const folder = await temporaryFolder(t)
  const given = { DATABASE_URL: 'postgres://elsewhere/db', REDIS_URL: 'redis://elsewhere' }
  const services = await startServices({ folder, given })
  t.match(services, { databaseUrl: given.DATABASE_URL, redisUrl: given.REDIS_URL, queue: 'redis' })
  t.strictSame([services.postgres, services.redis], [null, null])
  t.strictSame(await readdir(folder), [], 'nothing was started')
  const withoutRedis = await startServices({ folder, given, queue: 'postgres' })
  t.match(withoutRedis, { redisUrl: null, queue: 'postgres' })
})

/** Runs with-services and gives its process and the first line its command printed. */
async function withServices(args: readonly string[]) {
  const child = spawn(
    process.execPath,
    ['--import', './scripts/strip-types.mjs', 'scripts/with-services.ts', ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DATABASE_URL: '', REDIS_URL: '' },
    },
  )
  const ended = once(child, 'exit')
  const [line]: string[] = await once(createInterface(child.stdout), 'line')
  return { child, ended, line: line ?? '' }
}

const PRINT = 'echo $$ $DATABASE_URL $TRAM_QUEUE $REDIS_URL;'

t.test("with-services gives the command its addresses and ends with the command's code", async (t) => {
  const { ended, line } = await withServices([
    '--queue',
    'postgres',
    '--fast',
    '--',
    'sh',
    '-c',
    `${PRINT} exit 7`,
  ])
  t.match(line, /^\d+ postgres:\/\/tram:\S+@127\.0\.0\.1:\d+\/tram postgres$/, 'REDIS_URL is unset')
  t.strictSame(await ended, [7, null])
  await t.rejects(query(line.split(' ')[1]!, 'select 1'), { code: 'ECONNREFUSED' })
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
  t.test(`with-services leaves nothing running after ${signal}`, async (t) => {
    const script = `${PRINT} exec sleep 60`
    const { child, ended, line } = await withServices(['--folder', shared, '--', 'sh', '-c', script])
    const [pid, url = ''] = line.split(' ')
    // Nobody is left to end the command where with-services could not do it.
    if (signal === 'SIGKILL') t.teardown(() => process.kill(Number(pid), 'SIGKILL'))
    t.strictSame(await query(url, 'select 1 as one'), [{ one: 1 }])
    child.kill(signal)
    await ended
    await waitFor(async () => (await processesOf(shared)).length === 0)
    await t.rejects(
      access(join(shared, 'postgres', 'data', 'postmaster.pid')),
      { code: 'ENOENT' },
      'an orderly end',
    )
  })
}
