import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { spawnTram } from '../support/spawn-tram.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { testServer } from '../support/test-server.ts'
import { waitFor } from '../support/wait-for.ts'

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return rows
  } finally {
    await client.end()
  }
}

t.test('test databases are migrated, apart from each other, and dropped', async (t) => {
  const names: string[] = []
  await t.test('two at once', async (t) => {
    const [first, second] = await Promise.all([createTestDatabase(t), createTestDatabase(t)])
    names.push(first.name, second.name)
    const applied = await query(first.url, 'select name from schema_migration order by name')
    t.ok(applied.length > 0)
    t.strictSame(await query(second.url, 'select name from schema_migration order by name'), applied)
    await query(first.url, 'create table mine ()')
    t.strictSame(await query(second.url, "select to_regclass('mine') as mine"), [{ mine: null }])
    const connected = new pg.Client({ connectionString: first.url })
    connected.on('error', () => undefined)
    await connected.connect()
  })
  const left = await query(await testServer(), 'select datname from pg_database where not datistemplate')
  for (const name of names) t.notOk(left.some(({ datname }) => datname === name))
})

t.test('waitFor polls until the condition holds, and says what it waited for', async (t) => {
  let polls = 0
  const found = await waitFor(() => {
    polls += 1
    if (polls === 1) throw new Error('not yet')
    return polls < 4 ? null : polls
  })
  t.equal(found, 4)
  await t.rejects(
    waitFor(
      () => false,
      20,
      () => 'the moon',
    ),
    /not within 20 ms: the moon/,
  )
  const cause = new Error('refused')
  await t.rejects(
    waitFor(() => Promise.reject(cause), 20),
    { cause },
  )
})

t.test('spawnTram reads the logs, waits until ready, and kills', async (t) => {
  const script = join(await temporaryFolder(t), 'fake.ts')
  const body = `
    const [outcome]: string[] = process.argv.slice(2)
    console.log(JSON.stringify({ msg: 'starting', colour: process.env.COLOUR ?? null }))
    if (outcome === 'fail') { console.error('no database'); process.exit(3) }
    console.log(JSON.stringify({ msg: 'ready' }))
    setInterval(() => undefined, 1_000)
  `
  await writeFile(script, body)
  const tram = await spawnTram(t, ['run'], { COLOUR: 'đỏ' }, { script })
  t.match(tram.logs, [{ msg: 'starting', colour: 'đỏ' }, { msg: 'ready' }])
  t.strictSame(await tram.kill('SIGKILL'), { code: null, signal: 'SIGKILL' })
  t.strictSame(await tram.kill('SIGTERM'), { code: null, signal: 'SIGKILL' }, 'killing twice does no harm')
  await t.rejects(spawnTram(t, ['fail'], {}, { script }), /ended with .*"code":3[\s\S]*no database/)
  const failed = await spawnTram(t, ['fail'], {}, { script, ready: null })
  t.strictSame(await failed.ended, { code: 3, signal: null })
  t.strictSame(failed.otherOutput, ['no database'])
})
