import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { LONGEST_SEAL, readBeside } from '../../src/axis/beside-packet.ts'
import type { BlobStore } from '../../src/blobs/store.ts'
import { type Sha256, sha256 } from '../../src/domain/identifiers.ts'
import { axisDoor } from '../support/axis-door.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { vendorClient } from '../support/vendor-client.ts'

/** Seals that are not in the store as they were put there. */
const spoilt = new Map<Sha256, Uint8Array | 'gone'>()
const gateway = await testGateway(t)
const { pool, blobs: sound } = gateway.api
const blobs: BlobStore = {
  ...sound,
  length: async (blob) => {
    const other = spoilt.get(blob)
    return other === 'gone' ? undefined : (other?.length ?? sound.length(blob))
  },
  read: (blob, range) => {
    const other = spoilt.get(blob)
    return other === undefined || other === 'gone' ? sound.read(blob, range) : Readable.from([other])
  },
}
const door = await axisDoor(t, gateway, {
  systems: [
    { systemId: 'dms.ministry', serves: ['G90'] },
    { systemId: 'dms.city', serves: ['H91'] },
    { systemId: 'other.gateway', serves: ['H91'], rights: ['gateway'] },
  ],
  context: { blobs },
})
const client = (systemId: string) => vendorClient({ port: door.port, systemId })

t.beforeEach(() => spoilt.clear())

let number = 0
/** A packet in the city's inbox, by the number under which it is fetched, and its document's. */
async function sent() {
  number += 1
  const documentId = `G90,2026/11/20,${number}/BTN`
  const { DocId } = await client('dms.ministry').send(
    await documentPacket({ from: 'G90', to: ['H91'], documentId }),
    { from: 'G90' },
  )
  await gateway.deliverDue()
  const { rows } = await pool.query<{ id: string; seal: Sha256 }>(
    `select delivery.id, document.seal_sha256 as seal
      from delivery join document on document.id = delivery.document_id where document.id = $1`,
    [DocId],
  )
  return { ...rows[0]!, document: DocId! }
}

/** Gives the document's seal one form more. */
async function extended(document: string, bytes: Uint8Array): Promise<void> {
  const form = sha256(createHash('sha256').update(bytes).digest('hex'))
  spoilt.set(form, bytes)
  await pool.query(
    `insert into seal_level (document_id, number, level, sha256, gen_time) values ($1, 1, 'B-T', $2, now())`,
    [document, form],
  )
}

const fetched = (docId: string, by = 'other.gateway') => client(by).ask('getEdoc', { docId })
const stateOf = async (delivery: string) =>
  (await pool.query<{ state: string }>('select state from delivery where id = $1', [delivery])).rows[0]?.state

t.test('of a seal the form that proves most, of those that the other gateway reads', async (t) => {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const extendedBy = async (length: number) => {
    const { id, document, seal } = await sent()
    const added = Buffer.alloc(length, 'x')
    await extended(document, added)
    const answer = await fetched(id)
    const tramSeal = 'tramSeal' in answer ? String(answer.tramSeal) : ''
    t.ok(readBeside({ seal: tramSeal }), 'the other gateway reads it')
    return { tramSeal, first: base64(await buffer(sound.read(seal))), added: base64(added) }
  }
  const longest = await extendedBy(LONGEST_SEAL)
  t.equal(longest.tramSeal, longest.added)
  const tooLong = await extendedBy(LONGEST_SEAL + 1)
  t.equal(tooLong.tramSeal, tooLong.first)
})

t.test('a seal that is lost or damaged is told for the moment, and nothing is handed over', async (t) => {
  for (const [what, bytes] of [
    ['lost', 'gone'],
    ['damaged', Buffer.from('không phải con dấu')],
  ] as const) {
    const { id, seal } = await sent()
    spoilt.set(seal, bytes)
    const refused = { status: 'FAIL', ErrorCode: '20', ErrorDesc: /\[storage-unavailable\]/, data: '' }
    t.match(await fetched(id), refused, what)
    t.match(door.logged(), new RegExp(`blob ${seal}, a seal`), 'the log names it')
    t.equal(await stateOf(id), 'available')
    t.match(await fetched(id, 'dms.city'), { status: 'OK' }, 'systems get none, and miss none')
  }
})
