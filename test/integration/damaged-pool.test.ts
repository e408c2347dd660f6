import { readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { shareOfNight } from '../../src/backup/share-of-night.ts'
import { blobPath } from '../../src/blobs/files.ts'
import type { ApiContext } from '../../src/context.ts'
import { findDocument } from '../../src/db/documents.ts'
import { SMALL_UP_TO } from '../../src/db/small-blobs.ts'
import type { Sha256 } from '../../src/domain/identifiers.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import { packetContent } from '../../src/receipts/document-content.ts'
import { backupWorld, type Sent } from '../support/backup-world.ts'
import { callerOf } from '../support/gateway.ts'
import { isRow, putBackStored } from '../support/stored-blobs.ts'

const world = await backupWorld(t)
const { gateway, folder } = world
const pool = join(folder, 'blobs')

const packetOf = async ({ document }: Sent): Promise<Sha256> =>
  (await findDocument(gateway.api.pool, document))!.packetSha256

const DAY_MS = 86_400_000
// A backup would heal what is of its own night's share; midnight may come meanwhile.
const shares = [Date.now(), Date.now() + DAY_MS].map((time) => shareOfNight(new Date(time)))

/** Sends documents until one of them has a packet of the wanted size whose night is another. */
async function sendOne(isWanted: (length: number) => boolean): Promise<Sent> {
  for (;;) {
    const one = await world.send()
    const blob = await packetOf(one)
    if (isWanted(one.packet.length) && !shares.some((isDue) => isDue(blob))) return one
  }
}

// The gateway keeps a small packet as a row, and a long one as a file.
const small = await sendOne((length) => length < SMALL_UP_TO)
const sound = await world.send()
const long = await sendOne((length) => length > SMALL_UP_TO)
await world.tram('backup', '--to', folder)

/** One byte of the pool's file becomes another, as on a rotten disk. */
async function flip(blob: Sha256): Promise<void> {
  const path = blobPath(pool, blob)
  const bytes = await readFile(path)
  bytes[bytes.length >> 1]! ^= 1
  await writeFile(path, bytes)
}

const rotten = [await packetOf(small), await packetOf(long)]
await flip(rotten[0]!)
await truncate(blobPath(pool, rotten[1]!), 10)
const late = await world.send()
const second = await world.tram('backup', '--to', folder)

const read = async (restored: ApiContext, { document }: Sent): Promise<Buffer> => {
  const found = (await findDocument(restored.pool, document))!
  return buffer((await packetContent(restored, found)).open())
}

t.test('one packet is a row, one a file, and the backup after the damage is signed as any', async (t) => {
  const stored = { pool: gateway.api.pool, root: gateway.variables.TRAM_BLOBS! }
  t.same(await Promise.all(rotten.map((blob) => isRow(stored, blob))), [true, false])
  t.equal((await readdir(folder)).length, 3, `two backups and the pool: ${second.err}`)
})

t.test('restoring is refused and tells what may be done', async (t) => {
  const machine = await world.emptyMachine(t)
  const refused = await machine.tram('restore', '--from', folder)
  t.equal(refused.exit, 1)
  for (const blob of rotten) t.match(refused.err, blob)
  t.match(refused.err, '--without-damaged')
  t.match(refused.err, 'tram backup --to FOLDER --verify')
  t.same(await machine.query(`select from pg_class where relnamespace = 'public'::regnamespace`), [])
})

t.test('without them everything else is back, and they are named, withheld and mended', async (t) => {
  const machine = await world.emptyMachine(t)
  const { exit, err } = await machine.tram('restore', '--from', folder, '--without-damaged')
  t.equal(exit, 0, err)
  for (const [index, blob] of rotten.entries()) {
    t.match(err, blob)
    t.match(err, [small, long][index]!.document, 'with the document that it belongs to')
  }
  const damaged = await machine.query<{ sha256: Sha256 }>(
    'select sha256, damage from damaged_blob order by sha256',
  )
  t.strictSame(
    damaged,
    rotten.toSorted().map((sha256) => ({ sha256, damage: 'missing' })),
  )
  const events = `select detail->>'blob' as blob, detail->>'part' as part from audit_event where kind = 'content-damaged'`
  t.strictSame(
    (await machine.query(`${events} order by 1`)).map(({ blob, part }) => [blob, part]),
    rotten.toSorted().map((blob) => [blob, 'packet']),
  )
  const counted = `select detail->'missingBlobs' as missing from audit_event where kind = 'gateway-restored'`
  t.strictSame(await machine.query(counted), [{ missing: 2 }])

  const restored = await machine.open()
  for (const whole of [sound, late]) t.strictSame(await read(restored, whole), whole.packet)
  for (const lacking of [small, long])
    await t.rejects(read(restored, lacking), { code: 'content-damaged' }, 'nothing else is handed over')

  const content = Readable.from([small.packet])
  await acceptSubmission(restored, { caller: callerOf('G90'), content })
  const root = machine.variables.TRAM_BLOBS!
  await putBackStored({ pool: restored.pool, root }, rotten[1]!, long.packet)
  const verified = await machine.tram('verify-store')
  t.match(verified, { exit: 0, out: /mended: 2/ }, 'one sent again, one put back')
  for (const mended of [small, long]) t.strictSame(await read(restored, mended), mended.packet)
  t.strictSame(await machine.query('select from damaged_blob'), [])
})

t.test('what is no blob has to be sound all the same', async (t) => {
  const [name] = (await readdir(folder)).filter((one) => one !== 'blobs').sort()
  const table = join(folder, name!, 'database', 'document.gz')
  const bytes = await readFile(table)
  await truncate(table, 20)
  const machine = await world.emptyMachine(t)
  const refused = await machine.tram('restore', '--from', join(folder, name!), '--without-damaged')
  t.match(refused, { exit: 1, err: /document\.gz/ })
  await writeFile(table, bytes)
  await rename(pool, `${pool}-away`)
  const elsewhere = await machine.tram('restore', '--from', folder, '--without-damaged')
  t.match(
    elsewhere,
    { exit: 1, err: /file-missing blobs/ },
    'the whole pool is not there: a disk is not mounted',
  )
  await rename(`${pool}-away`, pool)
  t.equal((await machine.tram('restore', '--from', folder, '--check', '--without-damaged')).exit, 2)
})

t.test('a check names them, and a backup that verifies the pool copies them anew', async (t) => {
  const check = await world.tram('restore', '--check', '--from', folder)
  t.equal(check.exit, 1)
  for (const blob of rotten) t.match(check.err, blob)
  const healing = await world.tram('backup', '--to', folder, '--verify')
  t.equal(healing.exit, 0)
  for (const blob of rotten) t.match(healing.err, new RegExp(`copied anew: ${blob}`))
  t.match(await world.tram('restore', '--check', '--from', folder), { exit: 0 })
  const machine = await world.emptyMachine(t)
  t.match(await machine.tram('restore', '--from', folder), { exit: 0 })
  const restored = await machine.open()
  for (const one of [small, sound, long, late]) t.strictSame(await read(restored, one), one.packet)
})
