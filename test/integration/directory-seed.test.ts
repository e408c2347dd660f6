import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../src/bin/main.ts'
import { createPool } from '../../src/db/pool.ts'
import { readRegistry } from '../../src/directory/snapshot/read-registry.ts'
import { resolveAddress } from '../../src/directory/snapshot/resolve-address.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { createTestDatabase } from '../support/test-database.ts'

const folder = await temporaryFolder(t)

async function emptyDirectory(t: Tap) {
  const { url } = await createTestDatabase(t)
  const pool = createPool({ databaseUrl: url, max: 2, applicationName: 'test', onError: () => {} })
  t.teardown(() => pool.end())
  process.env.DATABASE_URL = url
  return pool
}
type Tap = Parameters<typeof createTestDatabase>[0]

async function tram(...args: string[]): Promise<{ exit: number; err: string }> {
  const err: string[] = []
  const { log, error } = console
  console.log = () => {}
  console.error = (line: string) => void err.push(line)
  try {
    return { exit: await main(args), err: err.join('\n') }
  } finally {
    Object.assign(console, { log, error })
  }
}

t.test('an empty directory is filled once, on record; afterwards drafts are the way', async (t) => {
  const pool = await emptyDirectory(t)
  t.match(await tram('directory', 'seed', '--level-1'), { exit: 0 })
  const { directory } = await readRegistry(pool)
  t.match(resolveAddress(directory, 'H47', { day: '2025-07-01' }), { agency: { code: 'H17' } })
  const revisions = await pool.query('select number, author, reason, draft_id from directory_revision')
  t.match(revisions.rows, [{ number: 1, author: /^cli:/, reason: /suy ra.*inferred/, draft_id: null }])
  const events = await pool.query('select kind, detail from audit_event')
  t.match(events.rows, [{ kind: 'directory-seeded', detail: { revision: 1, facts: 580 } }])

  const again = await tram('directory', 'seed', '--level-1')
  t.equal(again.exit, 1)
  t.match(again.err, /already-exists[\s\S]*bản thảo[\s\S]*drafts/)
  t.equal((await pool.query('select from directory_revision')).rowCount, 1)
})

t.test('what was generated can be recorded, and a file with faults records nothing', async (t) => {
  const pool = await emptyDirectory(t)
  const file = join(folder, 'broken.ndjson')
  await writeFile(
    file,
    '{"subject":"H01","kind":"existence","value":{},"validFrom":"2025-01-01","validTo":null}\nnonsense\n',
  )
  const refused = await tram('directory', 'seed', file)
  t.equal(refused.exit, 1)
  t.match(refused.err, /fact-malformed[\s\S]*nonsense/)
  t.equal((await pool.query('select from directory_revision')).rowCount, 0)

  const generated = join(folder, 'directory.ndjson')
  t.match(await tram('directory', 'generate', '--agencies', '9000', '--seed', '3', '--out', generated), {
    exit: 0,
  })
  t.match(await tram('directory', 'seed', generated), { exit: 0 })
  const { directory } = await readRegistry(pool)
  const read = [...directory.codes()].flatMap((code) => directory.factsOf(code).map(({ id }) => id))
  const { rows } = await pool.query<{ id: number }>('select id from directory_fact order by id')
  t.ok(rows.length > 30_000, 'more than some pages of facts')
  t.same(
    read.sort((a, b) => a - b),
    rows.map(({ id }) => id),
    'every fact of every page is read, and once',
  )
  const open = [...directory.codes()].filter((code) => directory.isOpen(code, '2025-10-15'))
  t.equal(open.length, 9_000)
  t.match(await tram('directory', 'generate', '--agencies', '12'), { exit: 2, err: /--agencies/ })
})
