import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { directoryBlobStore } from '../../src/blobs/directory-store.ts'
import { findDocument } from '../../src/db/documents.ts'
import { packetContent } from '../../src/receipts/document-content.ts'
import { type TestGateway, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { isRow, listStored, type StoredBlobs } from '../support/stored-blobs.ts'

const storedOf = ({ api }: TestGateway): StoredBlobs => ({ pool: api.pool, root: api.config.blobs })

let serial = 0
async function send(gateway: TestGateway) {
  serial += 1
  const documentId = `G90,2026/11/20,${serial}/BTN-VP`
  const attachments = [{ name: 'a.txt', type: 'text/plain', bytes: Buffer.from(`nội dung ${serial}`) }]
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId, attachments })
  const { claims } = await gateway.submit('G90', packet)
  return { packet, document: (await findDocument(gateway.api.pool, claims.document))! }
}

/** What a process of the release before gives: it knows files. */
const givenByOld = async ({ api }: TestGateway, { document }: Awaited<ReturnType<typeof send>>) =>
  buffer(
    (await packetContent({ pool: api.pool, blobs: directoryBlobStore(api.config.blobs) }, document)).open(),
  )
const givenByNew = async ({ api }: TestGateway, { document }: Awaited<ReturnType<typeof send>>) =>
  buffer((await packetContent(api, document)).open())

t.test('with small blobs in files, processes of the release before find everything', async (t) => {
  const gateway = await testGateway(t, undefined, { TRAM_SMALL_BLOBS: 'files' })
  const sent = await send(gateway)
  t.same(await givenByOld(gateway, sent), sent.packet)
  t.same(await givenByNew(gateway, sent), sent.packet)
  const { rowCount } = await gateway.api.pool.query('select from small_blob')
  t.equal(rowCount, 0)
})

t.test('without, they say that it is not there for now, and the others give it', async (t) => {
  const gateway = await testGateway(t)
  const sent = await send(gateway)
  t.ok(await isRow(storedOf(gateway), sent.document.packetSha256))
  await t.rejects(givenByOld(gateway, sent), { code: 'content-damaged' })
  t.same(await givenByNew(gateway, sent), sent.packet)
})

t.test('a submission whose transaction fails leaves nothing of what is small', async (t) => {
  const gateway = await testGateway(t)
  const { pool } = gateway.api
  await send(gateway)
  const before = await listStored(storedOf(gateway))
  t.equal(before.length, 3, 'packet, attachment, seal')
  await pool.query(`create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
    create trigger refuse before insert on audit_event for each row execute function refuse()`)
  await t.rejects(send(gateway), { message: 'no' })
  t.same(await listStored(storedOf(gateway)), before)
  await pool.query('drop trigger refuse on audit_event')
  await send(gateway)
  t.equal((await listStored(storedOf(gateway))).length, 6)
})
