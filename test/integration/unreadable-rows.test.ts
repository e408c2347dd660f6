import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { startPostgres } from '../../scripts/services/postgres.ts'
import { isAnyDamaged } from '../../src/db/damaged-blobs.ts'
import { findDocument } from '../../src/db/documents.ts'
import { migrate } from '../../src/db/migrate.ts'
import { packetContent } from '../../src/receipts/document-content.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { isRow, listStored } from '../support/stored-blobs.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

// The pages that hold the bytes of small blobs are overwritten on PostgreSQL's disk: whatever reads, replaces or removes
// one of them fails with data_corrupted (XX001), and so does whatever would add to them.

const folder = await temporaryFolder(t)
const postgres = await startPostgres({ folder })
t.teardown(() => postgres.stop())
await migrate(postgres.url)
const gateway = await testGateway(t, { databaseUrl: postgres.url, redisUrl: null })
const { pool, blobs, config } = gateway.api
const stored = { pool, root: config.blobs }

const bytes = randomBytes(8_000)
const packetOf = (serial: number, attachment = bytes) =>
  documentPacket({
    from: 'G90',
    to: ['H90'],
    documentId: `G90,2026/11/20,${serial}/BTN`,
    attachments: [{ name: 'quyết định.bin', type: 'application/octet-stream', bytes: attachment }],
  })
const contentOf = async (key: Parameters<typeof findDocument>[1]) =>
  buffer((await packetContent(gateway.api, (await findDocument(pool, key))!)).open())

/** Where the values lie that are too long for their rows. */
async function longValuesFile(): Promise<string> {
  await pool.query('checkpoint')
  const { rows } = await pool.query<{ path: string }>(
    `select pg_relation_filepath(reltoastrelid) as path from pg_class where oid = 'small_blob'::regclass`,
  )
  return join(folder, 'postgres', 'data', rows[0]!.path)
}

const early = await packetOf(1)
const before = await gateway.submit('G90', early)
const { packetSha256 } = (await findDocument(pool, before.claims.document))!

t.before(async () => {
  const file = await longValuesFile()
  await postgres.stop()
  await writeFile(file, (await readFile(file)).fill(0x5a))
  await postgres.restart()
  await t.rejects(pool.query('select md5(bytes) from small_blob'), { code: 'XX001' })
})

t.test('its damage is named, and who sends it again gets the receipt and mends it', async (t) => {
  await t.rejects(contentOf(before.claims.document), { code: 'content-damaged' })
  const isOnRecord = () => isAnyDamaged(pool, [packetSha256])
  await waitFor(isOnRecord, 5_000, () => 'the damage on record')
  const again = await gateway.submit('G90', early)
  t.ok(again.replayed)
  t.equal(again.receipt, before.receipt)
  t.ok(await isRow(stored, packetSha256), 'the row stays as it is')
  t.same(await contentOf(before.claims.document), Buffer.from(early), 'a file is read in its place')
})

t.test('a new document with the same attachment is accepted, and is whole', async (t) => {
  const packet = await packetOf(2)
  const { claims } = await gateway.submit('G90', packet)
  t.same(await contentOf(claims.document), Buffer.from(packet))
})

t.test('of documents that come together, none is refused', async (t) => {
  const packets = await Promise.all(
    [3, 4, 5, 6].map((serial) => packetOf(serial, serial % 2 === 0 ? bytes : randomBytes(8_000))),
  )
  const accepted = await Promise.all(packets.map((packet) => gateway.submit('G90', packet)))
  for (const [index, { claims }] of accepted.entries())
    t.same(await contentOf(claims.document), Buffer.from(packets[index]!))
})

t.test('a row that cannot be removed keeps no other blob from it', async (t) => {
  await pool.query(`update small_blob set stored_at = stored_at - interval '3 days'`)
  t.equal(await blobs.removeOld(packetSha256, 86_400_000), false)
  t.ok((await listStored(stored)).includes(packetSha256))
})
