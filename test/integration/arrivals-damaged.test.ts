import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { fetchArrival } from '../../src/connector/fetch-arrival.ts'
import { pollLists } from '../../src/connector/poll-lists.ts'
import { claimArrivals } from '../../src/db/axis-arrivals.ts'
import { listDamage } from '../../src/db/damaged-blobs.ts'
import { findDocument } from '../../src/db/documents.ts'
import type { Sha256 } from '../../src/domain/identifiers.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { connectTo } from '../support/arrivals.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { isRow, rewriteStored } from '../support/stored-blobs.ts'
import { waitFor } from '../support/wait-for.ts'

/** The ministry is elsewhere, the province is connected here. */
const [AWAY, HOME] = ['G90', 'H90']
const gateway = await testGateway(t)
const { pool, blobs, config } = gateway.api
const axis = await FakeAxis.start(t)
const here = await connectTo(t, gateway, axis.url, [HOME])
const stored = { pool, root: config.blobs }
const signal = new AbortController().signal

/** A packet with the shorter attachment lies in a row and is read at once; one with the longer lies in a file, and is read in pieces. */
const HOMES = { row: 100, file: 600_000 }

/** What still reads as a packet, with another attachment; and what reads as none before its end is reached. */
const SPOIL = {
  'another attachment': (packet: Buffer) =>
    Buffer.from(packet.toString('latin1').replace('QUFBQUFB', 'QUFCQUFB'), 'latin1'),
  'no packet any more': (packet: Buffer) => Buffer.concat([Buffer.from('\0\0\0\0'), packet.subarray(4)]),
}

let serial = 0
const packetOf = (length: number) => {
  serial += 1
  const attachments = [{ name: 'tệp.txt', type: 'text/plain', bytes: Buffer.alloc(length, 'A') }]
  return documentPacket({ from: AWAY, to: [HOME], documentId: lastId(), attachments })
}
const lastId = () => `${AWAY},2026/11/20,${serial}/BTN-VP`
const documentsHere = async (documentId: string) =>
  (await pool.query('select from document where edxml_document_id = $1', [documentId])).rowCount

/** Fetched, and not taken in yet. */
async function fetched(docId: string): Promise<Sha256> {
  await pollLists(here.dependencies, signal)
  const [arrival] = await claimArrivals(pool, here.dependencies.connector.name, 1)
  await fetchArrival(here.dependencies, arrival!, signal)
  const now = await here.arrival(docId)
  if (now?.state !== 'fetched' || now.packet === null) throw new Error(`${docId} is ${now?.state}`)
  return now.packet
}

const WAITS = { state: 'fetched', told: false, problem: null, failure: { code: 'content-damaged' } }
const isKnownDamaged = async (blob: Sha256) =>
  (await listDamage(pool, '', 1_000)).some((known) => known.blob === blob)

for (const [home, length] of Object.entries(HOMES))
  for (const [change, spoil] of Object.entries(SPOIL))
    t.test(
      `fetched into a ${home}, which then holds ${change}: it waits, and nothing of it is taken in`,
      async (t) => {
        const packet = await packetOf(length)
        const docId = axis.offer(packet, AWAY, HOME)
        const blob = await fetched(docId)
        t.equal(await isRow(stored, blob), home === 'row')
        const spoilt = spoil(packet)
        t.notOk(spoilt.equals(packet))
        await rewriteStored(stored, blob, spoilt)
        t.match(await here.round(), { accepted: 0, refused: 0, told: 0 })
        t.match(await here.arrival(docId), WAITS)
        t.equal(await documentsHere(lastId()), 0)
        t.same(axis.store.held.get(docId)?.told ?? [], [], 'the other exchange is told nothing')
        await waitFor(() => isKnownDamaged(blob))

        await rewriteStored(stored, blob, packet)
        await here.round()
        const arrival = await here.arrival(docId)
        t.match(arrival, { state: 'accepted', told: true, failure: null })
        const document = await findDocument(pool, arrival!.document!)
        t.ok((await buffer(blobs.read(document!.packetSha256))).equals(packet))
      },
    )

for (const [way, bring] of Object.entries({
  'from the same exchange': async (packet: Buffer) => {
    const docId = axis.offer(packet, AWAY, HOME)
    await here.round()
    return axis.store.offerAgain(docId)
  },
  'another way': async (packet: Buffer) => {
    await gateway.submit(AWAY, packet)
    return axis.offer(packet, AWAY, HOME)
  },
}))
  for (const [change, spoil] of Object.entries(SPOIL))
    t.test(
      `the same came first ${way}, and that is ${change} by now: what comes in other bytes waits`,
      async (t) => {
        const packet = await packetOf(HOMES.file)
        const again = await bring(packet)
        const { rows } = await pool.query<{ id: never; packet: Sha256 }>(
          'select id, packet_sha256 as packet from document where edxml_document_id = $1',
          [lastId()],
        )
        await rewriteStored(stored, rows[0]!.packet, spoil(packet))
        axis.plan.command('getEdoc', 'rewritten')
        t.match(await here.round(), { fetched: 1, accepted: 0, refused: 0 })
        t.match(await here.arrival(again), WAITS)
        t.same(axis.store.held.get(again)?.told ?? [], [])

        await rewriteStored(stored, rows[0]!.packet, packet)
        await here.round()
        t.match(await here.arrival(again), { state: 'accepted', document: rows[0]!.id })
        t.equal(await documentsHere(lastId()), 1)
      },
    )
