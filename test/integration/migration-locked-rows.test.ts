import { cp, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { migrate } from '../../src/db/migrate.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { type Teardown, temporaryFolder } from '../support/temporary-folder.ts'

const MIGRATIONS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url))

const gateway = await testGateway(t)
const { pool, config } = gateway.api
await gateway.submit(
  'G90',
  await documentPacket({ from: 'G90', to: ['H90', 'H91', 'H90.31'], documentId: '1' }),
)
const { rows: deliveries } = await pool.query<{ id: string }>('select id from delivery order by id')
const locked = deliveries[1]!.id

/** Somebody holds one row until it is said. */
async function holdRow() {
  const client = await pool.connect()
  await client.query('begin')
  // Without parameters, whose portal would keep its snapshot: indexes are built only when older ones are gone.
  await client.query(`select from delivery where id = '${locked}' for update`)
  return async () => {
    await client.query('rollback')
    client.release()
  }
}

const FILLING = '0027_undated_deliveries'

/** A folder of migrations of which this is the last: later ones are made, and are not made again. */
async function migrationsUpTo(t: Teardown, last: string): Promise<string> {
  const folder = await temporaryFolder(t)
  const filter = (path: string) => path === MIGRATIONS || basename(path, '.sql') <= last
  await cp(MIGRATIONS, folder, { recursive: true, filter })
  return folder
}

const undated = async () =>
  (await pool.query<{ id: string }>('select id from delivery where accepted_at is null')).rows

t.test('a filling that housekeeping completes passes a locked row, and waits for nobody', async (t) => {
  const folder = await migrationsUpTo(t, FILLING)
  const { rows: later } = await pool.query<{ name: string }>(
    'delete from schema_migration where name >= $1 returning name',
    [FILLING],
  )
  await pool.query('drop index delivery_undated')
  await pool.query('update delivery set accepted_at = null')
  const letGo = await holdRow()
  const retries: string[] = []
  const applied = await migrate(config.databaseUrl, undefined, {
    folder,
    onRetry: ({ message }) => retries.push(message),
  })
  t.strictSame(applied, [FILLING])
  t.strictSame(retries, [])
  t.strictSame(await undated(), [{ id: locked }])
  await letGo()
  const names = later.map(({ name }) => name).filter((name) => name !== FILLING)
  await pool.query(
    'insert into schema_migration (name, run_on) select name, now() from unnest($1::text[]) as name order by name',
    [names],
  )
})

t.test(
  'a filling that must reach every row comes again to the locked one, and makes nothing else again',
  async (t) => {
    const folder = await temporaryFolder(t)
    await cp(MIGRATIONS, folder, { recursive: true })
    await pool.query('create table made (step text)')
    await writeFile(
      join(folder, '9001_again.sql'),
      `-- Step
      insert into made values ('before');
-- Step, until it changes nothing
      update delivery set abandonments = 7 where id = any (array(
        select id from delivery where id > $1::uuid order by id limit 1)) returning id;
-- Step
      insert into made values ('after');`,
    )
    const letGo = await holdRow()
    let [retries, gone] = [0, Promise.resolve()]
    await migrate(config.databaseUrl, undefined, {
      folder,
      onRetry: () => {
        retries += 1
        if (retries === 1) gone = letGo()
      },
    })
    await gone
    t.equal(retries, 1)
    t.strictSame((await pool.query('select step from made')).rows, [{ step: 'before' }, { step: 'after' }])
    const { rows } = await pool.query('select distinct abandonments from delivery')
    t.strictSame(rows, [{ abandonments: 7 }])
  },
)
