import { createHash, randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { startPostgres } from '../../scripts/services/postgres.ts'
import { findDocument } from '../../src/db/documents.ts'
import { migrate } from '../../src/db/migrate.ts'
import { packetContent } from '../../src/receipts/document-content.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

// Some pages of the table of small blobs itself are overwritten on PostgreSQL's disk, its index is not: whatever comes to a
// row of theirs fails with data_corrupted (XX001), also where it asks for its length or age alone.

const PAGE_BYTES = 8_192
const DAMAGED_PAGES = [0, 3, 17]
const DAY_MS = 86_400_000

const folder = await temporaryFolder(t)
const postgres = await startPostgres({ folder })
t.teardown(() => postgres.stop())
await migrate(postgres.url)
const gateway = await testGateway(t, { databaseUrl: postgres.url, redisUrl: null })
const { pool, blobs } = gateway.api

const packetOf = (serial: number) =>
  documentPacket({
    from: 'G90',
    to: ['H90'],
    documentId: `G90,2026/11/21,${serial}/BTN`,
    attachments: [{ name: 'a.bin', type: 'application/octet-stream', bytes: randomBytes(500) }],
  })
const contentOf = async (key: Parameters<typeof findDocument>[1]) =>
  buffer((await packetContent(gateway.api, (await findDocument(pool, key))!)).open())

// Its rows lie on the first page.
const early = await packetOf(1)
const before = await gateway.submit('G90', early)
const { packetSha256 } = (await findDocument(pool, before.claims.document))!

/** By their digests, the pages of all rows; five rows that are not compressed fill one. */
async function fillPages(): Promise<Map<string, number>> {
  const fillers = Array.from({ length: 200 }, () => randomBytes(1_500))
  await pool.query('insert into small_blob (sha256, bytes) select * from unnest($1::text[], $2::bytea[])', [
    fillers.map((bytes) => createHash('sha256').update(bytes).digest('hex')),
    fillers,
  ])
  await pool.query(`update small_blob set stored_at = stored_at - interval '3 days'`)
  await pool.query('vacuum full small_blob')
  const { rows } = await pool.query<{ sha256: string; page: number }>(
    'select sha256, ((ctid::text)::point)[0]::integer as page from small_blob',
  )
  return new Map(rows.map(({ sha256, page }) => [sha256, page]))
}

const pages = await fillPages()
const isDamaged = (blob: string) => DAMAGED_PAGES.includes(pages.get(blob)!)

t.before(async () => {
  const { rows } = await pool.query<{ path: string }>(`select pg_relation_filepath('small_blob') as path`)
  await pool.query('checkpoint')
  await postgres.stop()
  const file = await open(join(folder, 'postgres', 'data', rows[0]!.path), 'r+')
  for (const page of DAMAGED_PAGES)
    await file.write(Buffer.alloc(PAGE_BYTES, 0x5a), 0, PAGE_BYTES, page * PAGE_BYTES)
  await file.close()
  await postgres.restart()
  await t.rejects(pool.query('select count(stored_at) from small_blob'), { code: 'XX001' })
})

t.test('the packet lies on a damaged page, and most rows do not', async (t) => {
  t.ok(isDamaged(packetSha256))
  const damaged = [...pages.keys()].filter(isDamaged)
  t.ok(damaged.length > 5 && damaged.length < 40, `${damaged.length} of ${pages.size}`)
})

t.test('its damage is named, also by who asks for its length alone', async (t) => {
  const damaged = { code: 'content-damaged' }
  await t.rejects(blobs.length(packetSha256), damaged)
  await t.rejects(blobs.require(packetSha256, early.length), damaged)
  await t.rejects(contentOf(before.claims.document), damaged)
})

t.test('the sweep lists what can be read, page by page, up to the end', async (t) => {
  const listed: string[] = []
  let queries = 0
  for (let at: string | null = ''; at !== null; queries += 1) {
    const page: Awaited<ReturnType<typeof blobs.listOld>> = await blobs.listOld(DAY_MS, at, 50)
    listed.push(...page.blobs)
    at = page.next
    if (queries > 1_000) return t.fail('it comes no further')
  }
  const folders = new Set([...pages.keys()].filter(isDamaged).map((blob) => blob.slice(0, 4)))
  const sound = [...pages.keys()].filter((blob) => !folders.has(blob.slice(0, 4)))
  const missed = sound.filter((blob) => !listed.includes(blob))
  t.same(missed, [])
  t.notOk(listed.some(isDamaged))
  t.comment(`${queries} pages for ${listed.length} rows`)
})

t.test('who sends it again gets the receipt, and a file is read in its place, and measured', async (t) => {
  const again = await gateway.submit('G90', early)
  t.ok(again.replayed)
  t.equal(again.receipt, before.receipt)
  t.same(await contentOf(before.claims.document), early)
  t.equal(await blobs.length(packetSha256), early.length)
  await blobs.require(packetSha256, early.length)
  await t.rejects(blobs.require(packetSha256, early.length + 1), { code: 'content-damaged' })
})

t.test('new documents are accepted, alone and together, and are whole', async (t) => {
  const packets = await Promise.all([2, 3, 4, 5].map(packetOf))
  const accepted = await Promise.all(packets.map((packet) => gateway.submit('G90', packet)))
  for (const [index, { claims }] of accepted.entries())
    t.same(await contentOf(claims.document), packets[index])
})
