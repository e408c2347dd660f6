import t from 'tap'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { inOpenedTransaction, inTransaction } from '../../src/db/transaction.ts'
import { type Writing, writeTogether } from '../../src/db/write-together.ts'
import { createTestDatabase } from '../support/test-database.ts'

const parent = (id: number, ...words: string[]): Writing => ({
  name: 'parent',
  text: `insert into parent (id, a, b, c, d, e, f, g, h, i, j)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do nothing`,
  values: [id, ...Array.from({ length: 10 }, (_, index) => words[index] ?? null)],
})
const children = (of: number, names: readonly string[]): Writing => ({
  name: 'children',
  text: 'insert into child (parent_id, name) select $1::integer, unnest($2::text[])',
  values: [of, names],
})

let pool: Pool

t.before(async () => {
  const { url } = await createTestDatabase(t)
  pool = createPool({ databaseUrl: url, max: 1, applicationName: 'test', onError: () => undefined })
  t.teardown(() => pool.end())
  await pool.query(`create table parent (id integer primary key, ${[...'abcdefghij'].map((c) => `${c} text`).join(', ')});
    create table child (parent_id integer not null references parent, name text primary key)`)
})

const all = async (table: string): Promise<unknown[]> =>
  (await pool.query(`select * from ${table} order by 1, 2`)).rows

t.test('rows of several tables are one statement, and each tells its count', async (t) => {
  const counts = await inTransaction(pool, (db) =>
    writeTogether(db, [parent(1, 'một', '$1', "'"), children(1, ['x', 'y']), parent(2)]),
  )
  t.same(counts, [1, 2, 1])
  t.match(await all('parent'), [
    { id: 1, a: 'một', b: '$1', c: "'", j: null },
    { id: 2, a: null },
  ])
  t.same(await all('child'), [
    { parent_id: 1, name: 'x' },
    { parent_id: 1, name: 'y' },
  ])
})

t.test('the same names make one prepared statement, others another; nothing is no statement', async (t) => {
  const counts = await inTransaction(pool, async (db) => [
    await writeTogether(db, [parent(1)]),
    await writeTogether(db, [children(2, []), parent(3)]),
    await writeTogether(db, [children(3, ['z']), parent(4)]),
    await writeTogether(db, []),
  ])
  t.same(counts, [[0], [0, 1], [1, 1], []], 'a conflict writes nothing')
  const { rows } = await pool.query(`select name from pg_prepared_statements where name like 'write-%'`)
  t.equal(rows.length, 3)
})

t.test('what breaks a key undoes everything', async (t) => {
  await t.rejects(
    inTransaction(pool, (db) => writeTogether(db, [parent(5), children(99, ['lost'])])),
    /child_parent_id_fkey/,
  )
  t.notOk((await all('parent')).some((row) => JSON.stringify(row).includes('"id":5')))
})

t.test('what opens a transaction is inside it, and its failure ends it', async (t) => {
  const same = await inOpenedTransaction(
    pool,
    async (db) => (await db.query('select pg_current_xact_id()::text as id, now() as at')).rows[0],
    async (db, opened) => {
      const { rows } = await db.query('select pg_current_xact_id()::text as id, now() as at')
      t.strictSame(rows[0], opened)
      await writeTogether(db, [parent(6)])
      return opened.id
    },
    { durable: true },
  )
  t.match(same, /^\d+$/)
  let worked = false
  await t.rejects(
    inOpenedTransaction(
      pool,
      (db) => db.query('select 1 / 0'),
      async () => {
        worked = true
      },
    ),
    /division by zero/,
  )
  t.notOk(worked)
  t.equal((await pool.query('select 1 as one')).rows[0].one, 1, 'the connection is of use again')
})

t.test('statements that leave together end together where one fails', async (t) => {
  await t.rejects(
    inTransaction(pool, (db) =>
      Promise.all([writeTogether(db, [parent(7)]), db.query('select no_such_column'), db.query('select 1')]),
    ),
    /no_such_column/,
  )
  t.notOk((await all('parent')).some((row) => JSON.stringify(row).includes('"id":7')))
})
