import { setInterval } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { quickReads } from '../../src/db/quick-reads.ts'
import { faultyLine } from '../support/faulty-line.ts'
import { inTurns } from '../support/in-turns.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { waitFor } from '../support/wait-for.ts'

const { url } = await createTestDatabase(t)
const pool = createPool({ databaseUrl: url, max: 2, applicationName: 'quick', onError: () => undefined })
t.teardown(() => pool.end())

type Test = typeof t

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

/** A question that is answered once nobody holds its lock. */
const HELD = { name: 'held', text: 'select $1::integer as number from pg_advisory_xact_lock_shared(4711)' }
const askHeld = async (of: Pool, number: number) =>
  (await quickReads(of).query<{ number: number }>({ ...HELD, values: [number] })).rows[0]!.number

/** Holds the lock. */
async function holdLock(t: Test) {
  const holder = new pg.Client({ connectionString: url })
  await holder.connect()
  t.teardown(() => holder.end())
  const hold = () => holder.query('select pg_advisory_lock(4711)')
  await hold()
  const waiting = async (): Promise<number[]> => {
    const { rows } = await holder.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'quick' and wait_event = 'advisory'
        and datname = current_database()`,
    )
    return rows.map(({ pid }) => pid)
  }
  return { holder, waiting, hold, letGo: () => holder.query('select pg_advisory_unlock(4711)') }
}

t.test('who asked on a connection that dies is answered on another', async (t) => {
  const { holder, waiting, letGo } = await holdLock(t as Test)
  const asked = Promise.all([askHeld(pool, 7), pidOf(pool, 3)])
  const [pid] = await waitFor(async () => {
    const pids = await waiting()
    return pids.length > 0 && pids
  })
  await holder.query('select pg_terminate_backend($1)', [pid])
  await letGo()
  const [seven, beside] = await asked
  t.equal(seven, 7)
  t.equal(beside.number, 3)
  t.not(beside.pid, pid)
  await waitFor(() => pool.idleCount === pool.totalCount)
})

t.test('a connection that falls silent is left, and who asked on it asks elsewhere', async (t) => {
  const line = await faultyLine(t, url)
  const many = createPool({
    databaseUrl: line.url,
    max: 6,
    applicationName: 'quick',
    onError: () => undefined,
  })
  t.teardown(() => many.end())
  await pidOf(many, 0)
  line.forget()
  const begun = performance.now()
  const timed = async (number: number) => {
    const at = performance.now()
    t.equal((await pidOf(many, number)).number, number)
    return { after: at - begun, ms: performance.now() - at }
  }
  const answers: Promise<Awaited<ReturnType<typeof timed>>>[] = []
  let askedLate = 0
  for await (const _ of setInterval(20)) {
    const after = performance.now() - begun
    if (after > 800 && askedLate > 10) break
    if (after > 500) askedLate += 1
    answers.push(timed(answers.length))
  }
  const ends = await Promise.all(answers)
  const late = ends.filter(({ after }) => after > 500)
  // Most, for a machine that is busy is slow to answer one or the other; whoever asked on it would wait to the end.
  const soon = late.filter(({ ms }) => ms < 250)
  t.ok(
    late.length > 10 && soon.length > late.length * 0.7,
    `${soon.length} of ${late.length} once it was left`,
  )
  t.ok(most(ends) < 2_000, `at most ${most(ends)} ms`)
  t.ok(most(ends) > 500, 'it was silent')
})

const most = (ends: readonly { readonly ms: number }[]): number =>
  Math.round(Math.max(...ends.map(({ ms }) => ms)))

t.test('a database that is slow altogether has no more than three connections of it', async (t) => {
  const many = createPool({ databaseUrl: url, max: 9, applicationName: 'quick', onError: () => undefined })
  t.teardown(() => many.end())
  const { hold, letGo } = await holdLock(t as Test)
  const turn = async () => {
    const asked: Promise<number>[] = []
    for await (const _ of setInterval(50)) {
      asked.push(askHeld(many, asked.length))
      if (asked.length === 19) break
    }
    const connections = many.totalCount - many.idleCount
    await letGo()
    t.same(
      await Promise.all(asked),
      asked.map((_, number) => number),
    )
    await waitFor(() => many.idleCount === many.totalCount)
    await hold()
    return connections === 3 ? [] : [`${connections} connections`]
  }
  // Whoever waits for a second leaves his connection, and asks on one more.
  t.strictSame(await inTurns(5, turn), [])
  await letGo()
})

t.test('a question without an answer is given up within seconds', { timeout: 20_000 }, async (t) => {
  const many = createPool({ databaseUrl: url, max: 9, applicationName: 'quick', onError: () => undefined })
  t.teardown(() => many.end())
  const { letGo } = await holdLock(t as Test)
  const at = performance.now()
  await t.rejects(askHeld(many, 1), { message: 'Query read timeout' })
  t.ok(performance.now() - at < 7_000, `after ${Math.round(performance.now() - at)} ms`)
  await letGo()
  t.equal(await askHeld(many, 2), 2)
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
