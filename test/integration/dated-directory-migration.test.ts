import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'
import pg from 'pg'
import t, { type Test } from 'tap'
import { migrate } from '../../src/db/migrate.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { readRegistry } from '../../src/directory/snapshot/read-registry.ts'
import { resolveAddress } from '../../src/directory/snapshot/resolve-address.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { createTestDatabase } from '../support/test-database.ts'

const MIGRATIONS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url))

/** A database as the release before dated facts left it, with these rows. */
async function before(t: Test, rows: string): Promise<{ url: string; pool: Pool }> {
  const { url } = await createTestDatabase(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('drop schema public cascade; create schema public')
  const quiet = () => undefined
  await runner({
    dbClient: client,
    dir: MIGRATIONS,
    direction: 'up',
    migrationsTable: 'schema_migration',
    count: 9,
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
  await client.query(rows)
  await client.end()
  const pool = createPool({ databaseUrl: url, max: 2, applicationName: 'test', onError: quiet })
  t.teardown(() => pool.end())
  return { url, pool }
}

t.test('what the directory held becomes its first revision', async (t) => {
  const { url, pool } = await before(
    t,
    `insert into agency (code, name, tier, parent_code, valid_from) values
        ('H90', 'Tỉnh Thử nghiệm', 'province', null, '2020-01-01'), ('H90.31', 'Xã Một', 'commune', 'H90', '2025-07-01');
      insert into agency (code, name, tier, parent_code, valid_from, valid_to, successor_code) values
        ('H90.11', 'Huyện Đã đóng', 'district', 'H90', '2020-01-01', '2025-07-01', 'H90.31'),
        ('H90.12', 'Huyện Không kế thừa', 'district', 'H90', '2020-01-01', '2025-07-01', null);
      insert into agency_alias (alias, agency_code) values ('000.00.11.H90', 'H90.11'), ('huyen-cu', 'H90.11');
      insert into endpoint (agency_code, channel, url, paused) values
        ('H90', 'https-push', 'https://dms.example.vn/tram', true), ('H90.31', 'mailbox', null, true)`,
  )
  await migrate(url)
  const { directory } = await readRegistry(pool)
  t.equal(directory.revision, 1)
  const day = '2026-01-01'
  t.match(directory.agency(agencyCode('H90.31'), day), {
    name: 'Xã Một',
    tier: 'commune',
    parent: 'H90',
  })
  t.notOk(directory.isOpen(agencyCode('H90.31'), '2025-06-30'))
  t.ok(directory.isOpen(agencyCode('H90.11'), '2025-06-30'))
  t.match(resolveAddress(directory, '000.00.11.H90', { day }), {
    outcome: 'agency',
    agency: { code: 'H90.31' },
    hops: [{ from: { code: 'H90.11', name: 'Huyện Đã đóng' }, on: '2025-07-01' }],
    alias: '000.00.11.H90',
  })
  t.match(
    directory.factsOfKind(agencyCode('H90.11'), 'alias').map(({ value }) => value.form),
    ['qcvn-13', 'free'],
  )
  t.match(resolveAddress(directory, 'H90.12', { day }), {
    outcome: 'unresolvable',
    reason: 'closed-without-successor',
    closedOn: '2025-07-01',
  })
  t.strictSame(directory.fact(agencyCode('H90'), 'endpoint', day)?.value, {
    channel: 'https-push',
    url: 'https://dms.example.vn/tram',
    reaches: 'itself',
  })
  t.equal(directory.fact(agencyCode('H90.31'), 'endpoint', day), undefined, 'the default is no fact')
  const { rows } = await pool.query('select agency_code from recipient_pause order by 1')
  t.strictSame(rows, [{ agency_code: 'H90' }, { agency_code: 'H90.31' }], 'a pause goes on')
})

t.test('a directory that held nothing has no revision', async (t) => {
  const { url, pool } = await before(t, 'select')
  await migrate(url)
  t.equal((await readRegistry(pool)).directory.revision, 0)
})

t.test('routing tables stay, each in force from when it was written', async (t) => {
  const { url, pool } = await before(
    t,
    `insert into routing_revision (rules, author) values
      ('[{"id":"a","channel":"mailbox"}]', 'an'), ('[{"id":"b","tier":"commune","channel":"https-push"}]', 'an')`,
  )
  await migrate(url)
  const { tables } = await readRegistry(pool)
  t.match(tables, [{ revision: 3, rules: [{ id: 'b' }], author: 'an', approvedBy: null, draftId: null }])
  t.equal(tables.length, 1, 'those before it have ended')
  const { rows } = await pool.query('select id from routing_revision where effective_from <> created_at')
  t.strictSame(rows, [])
})

t.test('a chain of closures, also of the future, leads on as it did', async (t) => {
  const { url, pool } = await before(
    t,
    `insert into agency (code, name, tier, valid_from) values ('H93', 'Tỉnh Ba', 'province', '2020-01-01');
      insert into agency (code, name, tier, valid_from, valid_to, successor_code) values
        ('H92', 'Tỉnh Hai', 'province', '2020-01-01', '2099-01-01', 'H93'),
        ('H91', 'Tỉnh Một', 'province', '2020-01-01', '2025-07-01', 'H92');
      insert into agency_alias (alias, agency_code) values ('tinh-mot', 'H91')`,
  )
  await migrate(url)
  const { directory } = await readRegistry(pool)
  for (const [day, code] of [
    ['2025-06-30', 'H91'],
    ['2025-07-01', 'H92'],
    ['2098-12-31', 'H92'],
    ['2099-01-01', 'H93'],
  ] as const)
    for (const spelling of ['H91', 'tinh-mot'])
      t.match(resolveAddress(directory, spelling, { day }), { outcome: 'agency', agency: { code } }, day)
})
