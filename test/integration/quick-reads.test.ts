import t from 'tap'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { quickReads } from '../../src/db/quick-reads.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { waitFor } from '../support/wait-for.ts'

const { url } = await createTestDatabase(t)
const pool = createPool({ databaseUrl: url, max: 2, applicationName: 'quick', onError: () => undefined })
t.teardown(() => pool.end())

const PID = { name: 'pid', text: 'select pg_backend_pid() as pid, $1::integer as number' }
const pidOf = async (of: Pool, number: number) => {
  const { rows } = await quickReads(of).query<{ pid: number; number: number }>({ ...PID, values: [number] })
  return rows[0]!
}

t.test('what is asked at the same time shares a connection, and each gets its own answer', async (t) => {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, number) => pidOf(pool, number)))
  t.same(
    answers.map(({ number }) => number),
    Array.from({ length: 50 }, (_, number) => number),
  )
  t.equal(new Set(answers.map(({ pid }) => pid)).size, 1)
  t.equal(pool.idleCount, pool.totalCount, 'and leaves it when nobody asks')
})

t.test('a question may come as a text with its parameters', async (t) => {
  const { rows } = await quickReads(pool).query('select $1::integer + 1 as more', [41])
  t.same(rows, [{ more: 42 }])
})

t.test('a question that is wrong harms no other', async (t) => {
  const reads = quickReads(pool)
  const ends = await Promise.allSettled([
    pidOf(pool, 1),
    reads.query({ text: 'select no_such_column' }),
    reads.query({ text: 'select 1 / $1::integer', values: [0] }),
    pidOf(pool, 2),
  ])
  t.same(
    ends.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  )
})

t.test('a connection that dies fails those who asked on it, and the next ask on another', async (t) => {
  const slow = quickReads(pool).query({ text: 'select pg_sleep(60)' })
  const beside = pidOf(pool, 3)
  const lost = Promise.allSettled([slow, beside])
  const { rows } = await waitForRows(() =>
    pool.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'quick' and query like '%pg_sleep(60)%' and pid <> pg_backend_pid()`,
    ),
  )
  await pool.query('select pg_terminate_backend($1)', [rows[0]!.pid])
  t.same(
    (await lost).map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  t.equal((await pidOf(pool, 4)).number, 4)
  await waitFor(() => pool.idleCount === pool.totalCount)
})

t.test('where there is no database everybody is told so', async (t) => {
  const nowhere = createPool({
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    max: 1,
    applicationName: 'quick',
    onError: () => undefined,
  })
  t.teardown(() => nowhere.end())
  for (const _ of [1, 2])
    t.match(await Promise.allSettled([pidOf(nowhere, 1), pidOf(nowhere, 2)]), [
      { status: 'rejected', reason: { code: 'ECONNREFUSED' } },
      { status: 'rejected', reason: { code: 'ECONNREFUSED' } },
    ])
})

async function waitForRows<T extends { rows: readonly unknown[] }>(ask: () => Promise<T>): Promise<T> {
  let found: T | undefined
  await waitFor(async () => {
    found = await ask()
    return found.rows.length > 0
  })
  return found!
}
