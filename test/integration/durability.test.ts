import t from 'tap'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { acknowledge, handOver } from '../../src/receipts/hand-over.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import type { Teardown } from '../support/temporary-folder.ts'
import { createTestDatabase } from '../support/test-database.ts'

function poolWith(t: Teardown, databaseUrl: string, options = '', max = 1): Pool {
  const url = new URL(databaseUrl)
  if (options !== '') url.searchParams.set('options', options)
  const pool = createPool({ databaseUrl: url.href, max, applicationName: 'test', onError: () => {} })
  t.teardown(() => pool.end())
  return pool
}

type Queries = Pick<Pool, 'query'>
const commitSetting = async (db: Queries): Promise<string> =>
  (await db.query<{ synchronous_commit: string }>('show synchronous_commit')).rows[0]!.synchronous_commit

t.test('a durable transaction waits for the disk, whatever the server is set to', async (t) => {
  const { url } = await createTestDatabase(t)
  const inside = { off: 'on', on: 'on', local: 'local', remote_apply: 'remote_apply' }
  for (const [setting, expected] of Object.entries(inside)) {
    const pool = poolWith(t, url, `-c synchronous_commit=${setting}`)
    const seen = (durable: boolean) => inTransaction(pool, (db) => commitSetting(db), { durable })
    t.equal(await seen(true), expected, setting)
    t.equal(await seen(false), setting, 'others go as fast as before')
    t.equal(await commitSetting(pool), setting, 'and so does the connection afterwards')
  }
})

t.test('what a recipient was told is durable', async (t) => {
  const gateway = await testGateway(t)
  const { pool } = gateway.api
  await pool.query('create table commits (kind text, setting text)')
  await pool.query(`create function note_commit() returns trigger language plpgsql as $$ begin
      insert into commits values (new.kind, current_setting('synchronous_commit')); return null; end $$`)
  await pool.query(
    'create trigger note after insert on audit_event for each row execute function note_commit()',
  )
  const { rows } = await pool.query<{ name: string }>('select current_database() as name')
  await pool.query(`alter database ${rows[0]!.name} set synchronous_commit = off`)
  const hasty = poolWith(t, gateway.api.config.databaseUrl)
  t.equal(await commitSetting(hasty), 'off')
  const { claims } = await gateway.submit(
    'G90',
    await documentPacket({ from: 'G90', to: ['H91'], documentId: 'G90,1' }),
  )
  await gateway.deliverDue()
  const caller = callerOf('H91')
  const request = {
    caller,
    agency: caller.agency!,
    delivery: claims.recipients[0]!.delivery,
    claimToken: null,
  }
  await handOver(hasty, request)
  await acknowledge(hasty, request)
  const noted = await pool.query(
    `select setting from commits where kind in ('delivery-handed-over', 'delivery-acknowledged')`,
  )
  t.strictSame(noted.rows, [{ setting: 'on' }, { setting: 'on' }])
})

t.test('who loses a race may try again', async (t) => {
  const { url } = await createTestDatabase(t)
  const pool = poolWith(t, url, '', 4)
  await pool.query('create table counter (id integer primary key, n integer)')
  await pool.query('insert into counter values (1, 0), (2, 0)')
  const again = { code: 'database-unavailable', retryAfter: 1 }
  const raise = (db: Queries, id: number) => db.query('update counter set n = n + 1 where id = $1', [id])

  await t.test('a deadlock', async (t) => {
    let waiting = 0
    let go: () => void = () => undefined
    const both = new Promise<void>((resolve) => {
      go = resolve
    })
    const crosswise = (first: number, second: number) =>
      inTransaction(pool, async (db) => {
        await raise(db, first)
        waiting += 1
        if (waiting === 2) go()
        await both
        await raise(db, second)
      })
    const outcomes = await Promise.allSettled([crosswise(1, 2), crosswise(2, 1)])
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected')
    t.equal(lost.length, 1)
    t.match(lost[0]?.reason, { ...again, cause: { code: '40P01' } })
  })

  await t.test('a serialisation failure', async (t) => {
    const late = inTransaction(pool, async (db) => {
      await db.query('set transaction isolation level repeatable read')
      await db.query('select from counter')
      await raise(pool, 1)
      await raise(db, 1)
    })
    await t.rejects(late, { ...again, cause: { code: '40001' } })
  })

  await t.test('a lock that is not to be had', async (t) => {
    await inTransaction(pool, async (db) => {
      await raise(db, 1)
      const impatient = inTransaction(pool, (other) =>
        other.query('select from counter where id = 1 for update nowait'),
      )
      await t.rejects(impatient, { ...again, cause: { code: '55P03' } })
    })
  })

  await t.test('a statement that took too long', async (t) => {
    const slow = inTransaction(pool, async (db) => {
      await db.query('set local statement_timeout = 20')
      await db.query('select pg_sleep(10)')
    })
    await t.rejects(slow, { ...again, cause: { code: '57014' } })
  })

  await t.test('a server that leaves a question unanswered', async (t) => {
    const before = (await pool.query('select pg_backend_pid() as pid')).rows[0].pid
    const started = performance.now()
    const unanswered = inTransaction(pool, (db) =>
      db.query({ text: 'select pg_sleep(5)', query_timeout: 50 } as { text: string }),
    )
    await t.rejects(unanswered, { code: 'database-unavailable' })
    t.ok(performance.now() - started < 4_000, 'no word more is asked of that connection')
    t.ok(before > 0)
  })

  await t.test('and a fault of ours stays one', async (t) => {
    await t.rejects(
      inTransaction(pool, (db) => db.query('select nonsense')),
      { code: '42703' },
    )
  })
})
