import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { findDocument } from '../../src/db/documents.ts'
import type { DocumentKey, Sha256 } from '../../src/domain/identifiers.ts'
import { attachmentContent, packetContent } from '../../src/receipts/document-content.ts'
import { looksForMended } from '../../src/receipts/look-for-mended.ts'
import { verifyStore } from '../../src/receipts/verify-store.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { isRow, SPOILT, spoilStored } from '../support/stored-blobs.ts'
import { waitFor } from '../support/wait-for.ts'

const gateway = await testGateway(t)
const { api } = gateway
const { pool, blobs } = api
const dependencies = { pool, blobs, actor: 'test' }
const pace = async () => undefined
const stored = { pool, root: api.config.blobs }

let serial = 0
async function sent(attachment: Buffer) {
  serial += 1
  const documentId = `G90,2026/11/20,${serial}/BTN`
  const packet = await documentPacket({
    from: 'G90',
    to: ['H90'],
    documentId,
    attachments: [{ name: `tệp ${serial}.txt`, type: 'text/plain', bytes: attachment }],
  })
  const { document: key } = (await gateway.submit('G90', packet)).claims
  const document = (await findDocument(pool, key))!
  return { key, packet, document }
}

const eventsOf = async (key: DocumentKey) => {
  const { rows } = await pool.query<{ kind: string; detail: Record<string, unknown> }>(
    `select kind, detail from audit_event where document_id = $1 and kind like 'content-%' order by at, id`,
    [key],
  )
  return rows
}
const onRecord = async (key: DocumentKey, kind: string) =>
  waitFor(
    async () => (await eventsOf(key)).some((event) => event.kind === kind),
    5_000,
    () => `${kind} on record`,
  )

/** A packet with an attachment of the first length lies in the database, with one of the second in a file. */
const HOMES = { row: 100, file: 60_000 }

for (const [home, length] of Object.entries(HOMES))
  for (const damage of SPOILT) {
    t.test(
      `a packet in a ${home} with ${damage} is named, never given out, and mended by its sender`,
      async (t) => {
        const { key, packet, document } = await sent(Buffer.alloc(length, `nội dung ${damage}`))
        const other = await sent(Buffer.from(`khác ${damage}`))
        t.equal(await isRow(stored, document.packetSha256), home === 'row')
        await spoilStored(stored, document.packetSha256, damage)
        for (const again of [1, 2])
          await t.rejects(packetContent(api, document), { code: 'content-damaged' }, `${again}`)
        await onRecord(key, 'content-damaged')
        const events = await eventsOf(key)
        t.match(events, [{ detail: { blob: document.packetSha256, damage, part: 'packet' } }])
        t.equal(events.length, 1, 'once, however often it is read')
        t.ok(await buffer((await packetContent(api, other.document)).open()), 'other documents go on')

        t.equal((await gateway.submit('G90', packet)).replayed, true)
        await looksForMended(dependencies, { onProgress: () => undefined })(new AbortController().signal)
        await onRecord(key, 'content-mended')
        t.same(await buffer((await packetContent(api, document)).open()), Buffer.from(packet))
      },
    )
  }

t.test('a long attachment breaks off before its last bytes, and is named by number and name', async (t) => {
  const bytes = Buffer.alloc(3_000_000, 'văn bản dài ')
  const { key, document } = await sent(bytes)
  const { rows } = await pool.query<{ sha256: Sha256; name: string }>(
    'select sha256, name from attachment where document_id = $1',
    [key],
  )
  const { sha256, name } = rows[0]!
  await spoilStored(stored, sha256, 'other-bytes')
  const content = await attachmentContent(api, document, 1)
  let length = 0
  const read = async () => {
    for await (const chunk of content.open()) length += (chunk as Buffer).length
  }
  await t.rejects(read(), { code: 'content-damaged' })
  t.ok(length < bytes.length, `${length} of ${bytes.length} bytes`)
  await onRecord(key, 'content-damaged')
  t.match(await eventsOf(key), [{ detail: { part: 'attachment', number: 1, name } }])
})

t.test('a look through the whole store names what nobody has read', async (t) => {
  const { key, document } = await sent(Buffer.from('chưa ai đọc'))
  await spoilStored(stored, document.sealSha256, 'missing')
  const found: Sha256[] = []
  const verified = await verifyStore(dependencies, { pace, onDamaged: ({ blob }) => found.push(blob) })
  t.ok(found.includes(document.sealSha256))
  t.equal(verified.damaged, found.length)
  t.ok(verified.blobs > found.length, 'what is whole is counted too')
  t.match(await eventsOf(key), [{ kind: 'content-damaged', detail: { part: 'seal', damage: 'missing' } }])
})
