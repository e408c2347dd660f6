import { execFile } from 'node:child_process'
import { appendFile, chmod, mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import t from 'tap'
import { startPostgres } from '../../scripts/services/postgres.ts'
import { listDeliveries } from '../../src/db/deliveries.ts'
import { findDocument } from '../../src/db/documents.ts'
import { migrate } from '../../src/db/migrate.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { acknowledge, handOver } from '../../src/receipts/hand-over.ts'
import { backupWorld, type Sent } from '../support/backup-world.ts'
import { callerOf } from '../support/gateway.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

/*
 * The drill of docs/how-to/backup.md for who archives the WAL: a base copy, the archive, a machine that is lost, recovery to
 * an instant, and the way back into service by `tram backup` and `tram restore`.
 */

const run = promisify(execFile)
/** Of a server at work files vanish while they are copied, which is to be expected; the copy is taken again then. */
async function copyWhole(from: string, to: string, turns = 3): Promise<void> {
  try {
    await run('cp', ['-a', from, to])
  } catch (error) {
    if (turns === 1 || !/No such file/.test(String(error))) throw error
    await rm(to, { recursive: true, force: true })
    await copyWhole(from, to, turns - 1)
  }
}

const folder = await temporaryFolder(t)
const archive = join(folder, 'archive')
await mkdir(archive)
// PostgreSQL runs as another user where the tests run as root.
await chmod(folder, 0o755)
await chmod(archive, 0o777)
const postgres = await startPostgres({
  folder,
  settings: {
    wal_level: 'replica',
    archive_mode: 'on',
    archive_timeout: '60',
    archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f`,
    restore_command: `cp ${archive}/%f %p`,
  },
})
t.teardown(() => postgres.stop())
const data = join(await realpath(join(folder, 'postgres')), 'data')
await migrate(postgres.url)
const world = await backupWorld(t, { databaseUrl: postgres.url, redisUrl: null })
const { gateway } = world
const { api } = gateway
const READER = 'H90'

const stateOf = async ({ document }: Sent) =>
  (await listDeliveries(api.pool, document)).find(({ recipient }) => recipient === READER)!.state

async function take({ document }: Sent): Promise<void> {
  const delivery = (await listDeliveries(api.pool, document)).find(({ recipient }) => recipient === READER)!
  const request = {
    ...{ caller: callerOf(READER), agency: agencyCode(READER) },
    ...{ delivery: delivery.key, claimToken: null },
  }
  await handOver(api.pool, request)
  await acknowledge(api.pool, request)
}

/** A base copy while the gateway is at work (PostgreSQL, “Making a Base Backup Using the Low Level API”). */
async function baseCopy(to: string, meanwhile: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  try {
    await client.query(`select pg_backup_start('drill', true)`)
    await meanwhile()
    await copyWhole(data, to)
    const { rows } = await client.query<{ label: string }>('select labelfile as label from pg_backup_stop()')
    await rm(join(to, 'postmaster.pid'))
    await rm(join(to, 'pg_wal'), { recursive: true })
    await mkdir(join(to, 'pg_wal'))
    await writeFile(join(to, 'backup_label'), rows[0]!.label)
  } finally {
    await client.end()
  }
}

/** Everything that was written until now is in the archive. */
async function archived(): Promise<void> {
  const { rows } = await api.pool.query<{ name: string }>('select pg_walfile_name(pg_switch_wal()) as name')
  await waitFor(
    async () => (await readdir(archive)).includes(rows[0]!.name),
    20_000,
    () => 'the WAL is archived',
  )
}

const before = await world.send()
await gateway.deliverDue()
await take(before)
let during: Sent
const copy = `${data}.copy`
await baseCopy(copy, async () => {
  during = await world.send()
})
const lay = await world.send()
await gateway.deliverDue()
const { rows } = await api.pool.query<{ at: string }>('select clock_timestamp()::text as at')
const instant = rows[0]!.at
await take(lay)
const after = await world.send()
await archived()

t.test('recovered to an instant, taken as a backup, and restored into service', async (t) => {
  await postgres.stop()
  await rename(data, `${data}.lost`)
  await copyWhole(copy, data)
  await appendFile(join(data, 'postgresql.auto.conf'), `recovery_target_time = '${instant}'\n`)
  await appendFile(join(data, 'postgresql.auto.conf'), `recovery_target_action = 'promote'\n`)
  await writeFile(join(data, 'recovery.signal'), '')
  await run('chown', ['-R', `--reference=${join(data, 'PG_VERSION')}`, data])
  await postgres.restart()
  await waitFor(
    async () => {
      const answer = await api.pool
        .query<{ recovering: boolean }>('select pg_is_in_recovery() as recovering')
        .catch(() => null)
      return answer?.rows[0]?.recovering === false
    },
    20_000,
    () => 'it is promoted',
  )
  for (const sent of [before, during, lay]) t.ok(await findDocument(api.pool, sent.document), 'came before')
  t.equal(await findDocument(api.pool, after.document), undefined, 'came after')
  t.equal(await stateOf(before), 'acknowledged')
  t.equal(await stateOf(lay), 'available', 'what was acknowledged after is not')
  const verified = await world.tram('verify-store')
  t.equal(verified.exit, 0, `a store that is newer than the database fits: ${verified.err}`)

  const backup = await world.tram('backup', '--to', world.folder)
  t.equal(backup.exit, 0, backup.err)
  const machine = await world.emptyMachine(t)
  const restored = await machine.tram('restore', '--from', world.folder)
  t.equal(restored.exit, 0, restored.err)
  const receipts = join(folder, 'receipts.txt')
  await writeFile(receipts, [before, during, lay, after].map(({ receipt }) => receipt).join('\n'))
  const compared = await machine.tram('restore', '--compare', receipts)
  t.match(compared.out, `lost-document ${after.document}`)
  for (const sent of [before, during, lay]) t.notMatch(compared.out, `lost-document ${sent.document}`)
  const numbers = await machine.query<{ last: number }>(
    `select last_number as last from inbox where agency_code = '${READER}'`,
  )
  t.ok(Number(numbers[0]!.last) > 1_000_000, 'no number is given twice')
})
