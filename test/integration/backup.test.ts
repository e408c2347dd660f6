import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { dumpSchema } from '../../scripts/dump-schema.ts'
import { readBlobList } from '../../src/backup/read-blob-list.ts'
import { blobPath } from '../../src/blobs/files.ts'
import type { ApiContext } from '../../src/context.ts'
import { findDocument, listAttachments } from '../../src/db/documents.ts'
import { migrate } from '../../src/db/migrate.ts'
import type { BackupManifest } from '../../src/domain/backup-manifest.ts'
import { sha256 } from '../../src/domain/identifiers.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import { verifyReceipt } from '../../src/signature/receipt-jws.ts'
import { backupWorld, type Sent } from '../support/backup-world.ts'
import { callerOf } from '../support/gateway.ts'
import { tram } from '../support/run-tram.ts'
import { spoilStored } from '../support/stored-blobs.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const world = await backupWorld(t)
const { gateway, folder } = world

const sendMany = async (count: number): Promise<Sent[]> => {
  const sent: Sent[] = []
  for (let each = 0; each < count; each += 1) sent.push(await world.send())
  return sent
}

const before = await sendMany(6)
await gateway.deliverDue()

/** Loads the gateway for as long as `work` takes. */
async function underLoad<T>(work: () => Promise<T>): Promise<{ result: T; sent: Sent[] }> {
  const sent: Sent[] = []
  let isOver = false
  const load = (async () => {
    while (!isOver) sent.push(await world.send())
  })()
  const result = await work().finally(() => {
    isOver = true
  })
  await load
  return { result, sent }
}

const { result: taken, sent: during } = await underLoad(() => world.tram('backup', '--to', folder))
const after = await sendMany(4)
const [name] = (await readdir(folder)).filter((one) => one !== 'blobs')
const path = join(folder, name!)
const manifest: BackupManifest = JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8'))

const isThere = async ({ pool }: Pick<ApiContext, 'pool'>, { document }: Sent) =>
  (await findDocument(pool, document)) !== undefined

t.test('a backup is taken while documents come in', async (t) => {
  t.equal(taken.exit, 0, taken.err)
  t.ok(during.length > 0, 'the gateway accepted meanwhile')
  t.match(taken.out, path)
  t.match(taken.out, /TRAM_SEAL_KEY/)
  t.strictSame(manifest.blobs.missing, [])
  const { rows } = await gateway.api.pool.query(`select detail from audit_event where kind = 'backup-made'`)
  t.equal(rows[0]?.detail.backup, name)
})

t.test('what was accepted before is there with its bytes, what came after is not', async (t) => {
  const machine = await world.emptyMachine(t)
  const { exit, out, err } = await machine.tram('restore', '--from', folder)
  t.equal(exit, 0, err)
  t.match(out, manifest.heads.document!.key, 'the last document is named')
  const restored = await machine.open()
  for (const { document, packet, receipt } of before) {
    const found = await findDocument(restored.pool, document)
    t.equal(found?.receipt, receipt)
    t.strictSame(await buffer(restored.blobs.read(found!.packetSha256)), packet)
    for (const { sha256, length } of await listAttachments(restored.pool, document))
      t.equal((await buffer(restored.blobs.read(sha256))).length, length)
    const verified = await verifyReceipt(receipt, { trust: restored.trust, time: new Date() })
    t.equal(verified.trust, 'trusted')
  }
  for (const sent of after) t.notOk(await isThere(restored, sent))
  for (const sent of during)
    t.equal(
      await isThere(restored, sent),
      Date.parse((await verifyReceipt(sent.receipt, trustNow(restored))).receipt.acceptedAt) <=
        Date.parse(manifest.heads.document!.acceptedAt),
      'of what came meanwhile there is what the manifest says',
    )
  t.equal(
    await dumpSchema(machine.variables.DATABASE_URL!),
    await dumpSchema(gateway.variables.DATABASE_URL!),
  )
  for (const { name, rows } of manifest.tables) {
    const [row] = await machine.query<{ count: string }>(`select count(*) from ${name}`)
    const added = { audit_event: 2, restoration: 1, inbox_leap: manifestRows('inbox') }[name] ?? 0
    const left = name === 'outbox' ? 0 : rows + added
    t.equal(Number(row!.count), left, name)
  }
})

const trustNow = ({ trust }: Pick<ApiContext, 'trust'>) => ({ trust, time: new Date() })
const manifestRows = (name: string) => manifest.tables.find((table) => table.name === name)!.rows

t.test('a sender that sends again gets the first receipt, or a new one where it is not there', async (t) => {
  const machine = await world.emptyMachine(t)
  await machine.tram('restore', '--from', path)
  const restored = await machine.open()
  const submit = ({ packet }: Sent) =>
    acceptSubmission(restored, { caller: callerOf('G90'), content: Readable.from([packet]) })
  const again = await submit(before[0]!)
  t.equal(again.receipt, before[0]!.receipt)
  t.ok(again.replayed)
  const anew = await submit(after[0]!)
  t.notOk(anew.replayed)
  t.notSame(anew.claims.document, after[0]!.document)
})

t.test('a second backup copies only what is new', async (t) => {
  const { exit, out } = await world.tram('backup', '--to', folder)
  t.equal(exit, 0)
  const [, fresh] = /\((\d+) mới/.exec(out)!
  const blobs = (await readdir(join(folder, 'blobs'), { recursive: true })).filter((one) =>
    /[0-9a-f]{64}$/.test(one),
  )
  t.ok(Number(fresh) > 0 && Number(fresh) < blobs.length, `${fresh} of ${blobs.length}`)
})

/** Every file that the first backup needs, from the folder of backups; some of its blobs. */
async function neededFiles(): Promise<string[]> {
  const files = ['manifest.json', 'manifest.jws', 'blobs.gz', ...manifest.tables.map((table) => table.path)]
  const blobs: string[] = []
  for await (const batch of readBlobList(join(path, 'blobs.gz'))) blobs.push(...batch)
  const some = blobs
    .slice(0, 3)
    .map((blob) => relative(folder, blobPath(join(folder, 'blobs'), sha256(blob))))
  return [...files.map((file) => join(name!, file)), ...some]
}

/** What is told of a file of the backup: its name, and of manifest and signature that they disagree. */
const nameOf = (file: string): RegExp => {
  const told = basename(file)
  return told.startsWith('manifest') ? /manifest\.jw?so?n?/ : new RegExp(told)
}

t.test('a spoilt backup is refused, the file named, and nothing written', async (t) => {
  const machine = await world.emptyMachine(t)
  for (const file of await neededFiles()) {
    const bytes = await readFile(join(folder, file))
    const flipped = Buffer.from(bytes)
    flipped[Math.floor(bytes.length / 2)]! ^= 1
    await writeFile(join(folder, file), flipped)
    const spoilt = await machine.tram('restore', '--from', path)
    t.equal(spoilt.exit, 1, `a flipped byte in ${file}`)
    t.match(spoilt.err, nameOf(file))
    await rm(join(folder, file))
    const missing = await machine.tram('restore', '--from', path)
    t.equal(missing.exit, 1, `${file} is missing`)
    t.match(missing.err, nameOf(file))
    await writeFile(join(folder, file), bytes)
  }
  const left = await machine.query(`select from pg_class where relnamespace = 'public'::regnamespace`)
  t.equal(left.length, 0)
  t.match(await machine.tram('restore', '--check', '--from', path), { exit: 0, out: /nguyên vẹn/ })
})

t.test('only an empty database and an empty blob store are filled', async (t) => {
  const [machine, other] = [await world.emptyMachine(t), await world.emptyMachine(t)]
  await machine.tram('restore', '--from', path)
  const whole = await world.tram('restore', '--from', path)
  t.match(whole, { exit: 1, err: /blobs-not-empty/ }, 'a gateway at work')
  const newest = (await readdir(folder))
    .filter((one) => one !== 'blobs')
    .sort()
    .at(-1)!
  Object.assign(process.env, { ...machine.variables, TRAM_BLOBS: other.variables.TRAM_BLOBS })
  const second = await tram('restore', '--from', join(folder, newest))
  t.match(second, { exit: 1, err: /database-not-empty/ })
})

t.test('blobs are in the backup as files, wherever they lay', async (t) => {
  const { pool } = gateway.api
  const { rows } = await pool.query<{ small: boolean; count: number }>(
    `select exists (select from small_blob where sha256 = packet_sha256) as small, count(*)::integer
      from document group by 1 order by 1`,
  )
  t.match(rows, [{ small: false }, { small: true }], 'there are both')
  t.notOk(manifest.tables.some((table) => table.name === 'small_blob'))
})

t.test('blobs that the store has lost are named, and everything else backed up', async (t) => {
  const { pool } = gateway.api
  const { rows } = await pool.query<{ sha256: string }>(
    `(select sha256 from attachment where length < 10000 limit 1) union all
      (select sha256 from attachment where length > 40000 limit 1) union all
      (select packet_sha256 from document where packet_length < 30000 order by id limit 1)`,
  )
  const lost = rows.map((row) => sha256(row.sha256))
  const backups = join(await temporaryFolder(t), 'backups')
  const stored = { pool, root: gateway.variables.TRAM_BLOBS! }
  for (const [index, damage] of (['missing', 'missing', 'other-bytes'] as const).entries())
    await spoilStored(stored, lost[index]!, damage)
  const taken = await world.tram('backup', '--to', backups)
  t.equal(taken.exit, 1)
  const machine = await world.emptyMachine(t)
  const restored = await machine.tram('restore', '--from', backups)
  t.equal(restored.exit, 0)
  for (const blob of lost) {
    t.match(taken.err, blob)
    t.match(restored.err, blob)
  }
})

t.test('a database of the release before, which has no small blobs, is backed up', async (t) => {
  const machine = await world.emptyMachine(t)
  await migrate(machine.variables.DATABASE_URL!, 23)
  const backups = join(await temporaryFolder(t), 'backups')
  t.match(await machine.tram('backup', '--to', backups), { exit: 0 })
  const other = await world.emptyMachine(t)
  t.match(await other.tram('restore', '--from', backups), { exit: 0 })
  t.same(await other.query('select from small_blob'), [], 'and has room for them when it is restored')
})
