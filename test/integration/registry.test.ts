import t, { type Test } from 'tap'
import { insertDirectoryRevision, lockDirectoryRevisions } from '../../src/db/directory-facts.ts'
import { createPool } from '../../src/db/pool.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import type { RegistryHolder } from '../../src/directory/snapshot/holder.ts'
import { openRegistry, type RegistryOptions } from '../../src/directory/snapshot/open-registry.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { silentLine } from '../fakes/silent-line.ts'
import { insertApprovedDraft } from '../support/approved-draft.ts'
import { agencyFacts, recordFacts } from '../support/record-facts.ts'
import { recordTable } from '../support/record-table.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { waitFor } from '../support/wait-for.ts'

const { url } = await createTestDatabase(t)
const pool = createPool({ databaseUrl: url, max: 6, applicationName: 'test', onError: () => undefined })
t.teardown(() => pool.end())
// Tables here are no approved drafts.
await pool.query('alter table routing_revision disable trigger routing_revision_four_eyes')

/** A port on which nobody listens. */
const NOWHERE = 'postgres://127.0.0.1:1/none'
const NEVER = 600_000
let made = 0

interface Opened {
  readonly registry: RegistryHolder
  readonly failures: Error[]
  readonly recoveries: number[]
}

async function opened(t: Test, options: Partial<RegistryOptions> = {}): Promise<Opened> {
  const [failures, recoveries]: [Error[], number[]] = [[], []]
  const registry = await openRegistry({
    databaseUrl: url,
    onFailure: (error) => failures.push(error),
    onRecovery: () => recoveries.push(1),
    ...options,
  })
  t.teardown(() => registry.close())
  return { registry, failures, recoveries }
}

/** One more agency on record. */
async function addAgency(): Promise<{ code: string; revision: number }> {
  made += 1
  const code = `A${made}`
  return { code, revision: await recordFacts(pool, agencyFacts({ code })) }
}

/** One more routing table in force. */
const addTable = async (): Promise<number> => (await recordTable(pool, [])).revision

const knows = ({ registry }: Opened, code: string) =>
  registry.current().directory.isOpen(agencyCode(code), '2026-01-01')

const SOON_MS = 2_000

/** Milliseconds from a change until it is in force: the least of three, for the machine has other work to do. */
async function untilInForce<T>(
  change: () => Promise<T>,
  isInForce: (made: T) => boolean,
  soonMs = SOON_MS,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 3 && least >= soonMs; turn += 1) {
    const made = await change()
    const since = performance.now()
    await waitFor(() => isInForce(made), 5_000)
    least = Math.min(least, performance.now() - since)
  }
  return Math.round(least)
}

t.test('a change is in force elsewhere within two seconds', async (t) => {
  const ways: [string, Partial<RegistryOptions>][] = [
    ['told and looking', {}],
    ['told alone', { pollMs: NEVER }],
    ['looking alone', { listenUrl: null }],
    ['listening in vain', { listenUrl: NOWHERE }],
  ]
  for (const [name, options] of ways) {
    const open = await opened(t, options)
    const agency = await untilInForce(addAgency, ({ code }) => knows(open, code))
    t.ok(agency < SOON_MS, `${name}: ${agency} ms`)
    const table = await untilInForce(
      addTable,
      (revision) => open.registry.current().tables[0]?.revision === revision,
    )
    t.ok(table < SOON_MS, `${name}, a routing table: ${table} ms`)
    t.ok(open.registry.ageSeconds() < 5)
    t.strictSame(open.failures, [])
  }
})

t.test('a revision that fills a directory is in force elsewhere too', async (t) => {
  const open = await opened(t)
  const facts = Array.from({ length: 7_000 }, (_, at) => agencyFacts({ code: `L${at}` })).flat()
  const revision = await recordFacts(pool, facts)
  await waitFor(() => open.registry.current().directory.revision === revision, 20_000)
  t.ok(knows(open, 'L0') && knows(open, 'L6999'))
})

t.test('many who are behind wait for one reading, and all are up to date', async (t) => {
  const open = await opened(t, { pollMs: NEVER, listenUrl: null })
  const { code, revision } = await addAgency()
  t.notOk(knows(open, code), 'nobody has told it')
  const all = await Promise.all(Array.from({ length: 50 }, () => open.registry.upToDate(pool)))
  t.ok(all.every(({ directory }) => directory.revision === revision))
  t.equal(new Set(all.map(({ directory }) => directory)).size, 1, 'one snapshot for all')
})

t.test('what a transaction has said it sees itself, and nobody else before it is committed', async (t) => {
  const open = await opened(t)
  const before = open.registry.current().directory.revision
  const undone = inTransaction(pool, async (db) => {
    await lockDirectoryRevisions(db)
    const facts = { asserted: agencyFacts({ code: 'GHOST' }), retracted: [] }
    const { id, author } = await insertApprovedDraft(db, 'directory', [], null)
    await insertDirectoryRevision(db, { author, reason: 'test', draft: id }, facts)
    const { directory } = await open.registry.upToDate(db)
    t.equal(directory.revision, before + 1)
    t.ok(directory.isOpen(agencyCode('GHOST'), '2026-01-01'))
    t.notOk(knows(open, 'GHOST'))
    throw new Error('undone')
  })
  await t.rejects(undone, { message: 'undone' })
  const { code, revision } = await addAgency()
  t.equal(revision, before + 1, 'the number is given to somebody else')
  await waitFor(() => knows(open, code))
  t.notOk(knows(open, 'GHOST'))
})

t.test('where every connection is taken by those who ask, nobody waits for another', async (t) => {
  const open = await opened(t, { pollMs: NEVER, listenUrl: null })
  const { revision } = await addAgency()
  const asked = Array.from({ length: 6 }, () =>
    inTransaction(pool, async (db) => (await open.registry.upToDate(db)).directory.revision),
  )
  t.strictSame(await Promise.all(asked), Array(6).fill(revision))
})

t.test('connections that break, or fall silent, are opened again', { timeout: 60_000 }, async (t) => {
  const line = await silentLine(t, url)
  const open = await opened(t, { databaseUrl: line.url, patienceMs: 1_500 })
  let cuts = 0
  const cutAndChanged = () => {
    line.cut()
    cuts += 1
    return addAgency()
  }
  const looked = await untilInForce(cutAndChanged, ({ code }) => knows(open, code), 2_500)
  t.ok(looked < 2_500, `${looked} ms`)
  await waitFor(() => open.recoveries.length === open.failures.length)
  const before = open.failures.length
  t.ok(before <= cuts, 'each cut is told once')
  line.fallSilent()
  const { code } = await addAgency()
  await waitFor(() => open.failures.length > before, 20_000)
  await waitFor(() => knows(open, code), 20_000)
  t.equal(open.failures.length, before + 1, 'the silence is told once')
  t.ok(open.recoveries.length >= 1)
})

t.test('a database that is away at the start is tried again until it is there', async (t) => {
  const line = await silentLine(t, url)
  line.leadTo(NOWHERE)
  const away = await opened(t, { databaseUrl: line.url, pollMs: 50 })
  t.throws(() => away.registry.current(), { code: 'database-unavailable' })
  await waitFor(() => away.registry.ageSeconds() > 0.2)
  t.equal(away.failures.length, 1, 'told once')
  line.leadTo(url)
  await waitFor(() => away.recoveries.length === 1)
  t.ok(away.registry.current().directory.size > 0)
})

t.test('a reading that is interrupted leaves the last registry in force', async (t) => {
  const line = await silentLine(t, url)
  const open = await opened(t, { databaseUrl: line.url, pollMs: 50 })
  const last = open.registry.current()
  await pool.query('alter table directory_fact rename to mislaid')
  await pool.query(`insert into directory_revision (number, author, reason)
    select max(number) + 1, 'test', 'test' from directory_revision`)
  await waitFor(() => open.failures.length === 1)
  t.equal(open.registry.current(), last)
  await pool.query('alter table mislaid rename to directory_fact')
  await waitFor(() => open.registry.current().directory.revision === last.directory.revision + 1)
  t.equal(open.recoveries.length, 1)
})
