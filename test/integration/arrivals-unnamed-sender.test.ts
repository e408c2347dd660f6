import t from 'tap'
import { findDocument } from '../../src/db/documents.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { connectTo } from '../support/arrivals.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket, statusPacket } from '../support/packets.ts'

/** The ministry is elsewhere; the province is connected here. */
const [AWAY, HOME] = ['G90', 'H90']
const gateway = await testGateway(t)
const { pool } = gateway.api
const axis = await FakeAxis.start(t)
const here = await connectTo(t, gateway, axis.url, [HOME])

let serial = 0
const packetOf = async (from: string) => {
  serial += 1
  const documentId = `${AWAY},2026/11/20,${serial}/BTN`
  return Buffer.from(await documentPacket({ from, to: [HOME], documentId }))
}
/** As the axis gives it at times. */
const unnamed = (packet: Uint8Array) =>
  Buffer.from(
    Buffer.from(packet)
      .toString()
      .replace(/(From>\s*<[^>]*OrganId>)G90/, '$1null'),
  )
async function bring(packet: Uint8Array, listedFrom: string, by = here) {
  const docId = axis.offer(packet, listedFrom, HOME)
  await by.round()
  return (await by.arrival(docId))!
}
const invalid = {
  state: 'refused',
  document: null,
  problem: { code: 'packet-invalid', faults: [{ code: 'agency-code-null' }] },
}
const refused = { state: 'refused', document: null, problem: { code: 'sender-mismatch' } }

t.beforeEach(() => axis.store.held.clear())

t.test('a packet whose From is null is of whom the list names, and is kept as it came', async (t) => {
  const packet = unnamed(await packetOf(AWAY))
  const arrival = await bring(packet, AWAY)
  t.match(arrival, { state: 'accepted', told: true, problem: null })
  const document = await findDocument(pool, arrival.document!)
  t.match(document, { sender: AWAY, packetSha256: arrival.packet, envelope: { from: { organId: AWAY } } })
  t.equal(document?.packetLength, packet.length)
  const again = await bring(packet, AWAY)
  t.equal(again.document, arrival.document, 'the same packet under another number is the same document')
})

t.test('one that was written anew without its From is the same', async (t) => {
  const packet = await packetOf(AWAY)
  const without = unnamed(packet)
  t.not(without.length, packet.length)
  for (const pair of [
    [packet, without],
    [Buffer.from(`${without}\n`), packet],
  ] as const) {
    const [first, second] = [await bring(pair[0], AWAY), await bring(pair[1], AWAY)]
    t.match([first, second], [{ state: 'accepted' }, { state: 'accepted' }])
    t.equal(second.document, first.document)
  }
})

t.test('a status, too', async (t) => {
  const documentId = `${HOME},2026/11/20,1/UBND`
  await gateway.submit(HOME, await documentPacket({ from: HOME, to: [AWAY], documentId }))
  const packet = unnamed(statusPacket({ from: AWAY, to: HOME, documentId, code: '03' }))
  const docId = axis.offer(packet, AWAY, HOME, 'status')
  await here.round()
  const arrival = await here.arrival(docId)
  t.match(await findDocument(pool, arrival!.document!), { kind: 'status', sender: AWAY })
})

t.test('what a list names is nobody, nobody known, or ours: refused as before', async (t) => {
  for (const listedFrom of ['', 'null'])
    t.match(await bring(unnamed(await packetOf(AWAY)), listedFrom), invalid, `listed as "${listedFrom}"`)
  for (const listedFrom of ['vxp.saas.03', `${AWAY},H91`, HOME, 'H90.31'])
    t.match(await bring(unnamed(await packetOf(AWAY)), listedFrom), refused, `listed as "${listedFrom}"`)
})

t.test('a From that names somebody is never overruled by a list', async (t) => {
  t.match(await bring(await packetOf('vxp.saas.03'), AWAY), refused)
  t.match(await bring(await packetOf(HOME), AWAY), refused, 'nor who is ours')
  const arrival = await bring(await packetOf('H91'), AWAY)
  t.match(await findDocument(pool, arrival.document!), { sender: 'H91' })
})

t.test('gateways of this kind name the sender themselves', async (t) => {
  const by = await connectTo(t, gateway, axis.url, [HOME], {
    name: 'truc-thanh-pho',
    channel: 'gateway',
    gateway: agencyCode('H91'),
  })
  t.match(await bring(unnamed(await packetOf(AWAY)), AWAY, by), invalid)
})
