import { createHash } from 'node:crypto'
import t from 'tap'
import { findDocument } from '../../src/db/documents.ts'
import { agencyCode, sha256 } from '../../src/domain/identifiers.ts'
import { sealedObjects } from '../../src/domain/sealed-objects.ts'
import { signerOf } from '../../src/signature/keys/signer.ts'
import { createSealer } from '../../src/signature/seal/seal.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { rewritten } from '../fakes/fake-axis/rewrite.ts'
import { signingAgency } from '../fakes/signing-agency.ts'
import { connectTo } from '../support/arrivals.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

/** The city runs a gateway of this kind; the province is connected here. */
const [AWAY, HOME] = ['H91', 'H90']
const gateway = await testGateway(t)
const api = { ...gateway.api, traceId: 'TRAM-H90' }
const { pool } = api
const city = signingAgency({ ca: gateway.ca, name: 'Thành phố Thử nghiệm', code: AWAY })
const axis = await FakeAxis.start(t)
const here = await connectTo(t, { api }, axis.url, [HOME], {
  name: 'truc-thanh-pho',
  channel: 'gateway',
  gateway: agencyCode(AWAY),
})

let serial = 0
const packet = () => {
  serial += 1
  return documentPacket({ from: AWAY, to: [HOME], documentId: `${AWAY},2026/11/20,${serial}/UBND` })
}
const sealOver = async (bytes: Uint8Array) => {
  const digest = sha256(createHash('sha256').update(bytes).digest('hex'))
  return createSealer(signerOf(city.agency)).seal(sealedObjects(digest, []), new Date())
}
const hops = (...names: string[]) =>
  JSON.stringify(names.map((organId) => ({ organId, timestamp: '2026/11/22 06:00:00' })))

async function bring(bytes: Uint8Array, beside: Record<string, string>) {
  const docId = axis.offer(bytes, AWAY, HOME)
  axis.store.held.get(docId)!.beside = beside
  await here.round()
  return (await here.arrival(docId))!
}
const base64 = (seal: Uint8Array) => Buffer.from(seal).toString('base64')

t.test('bytes and seal arrive as they were, are verified again, and the way is kept', async (t) => {
  const bytes = await packet()
  const arrival = await bring(bytes, { tramSeal: base64(await sealOver(bytes)), tramHops: hops('TRAM-H91') })
  t.match(arrival, { state: 'accepted', told: true, problem: null })
  const document = await findDocument(pool, arrival.document!)
  t.match(document, {
    cameBy: 'truc-thanh-pho',
    packetSha256: arrival.packet,
    hops: [{ organId: 'TRAM-H91' }],
  })
  t.match(document?.signatureReport.gatewaySeal, { state: 'valid', trust: 'trusted' })
})

t.test('a seal over other bytes refuses the packet by name, and the gateway is told', async (t) => {
  const bytes = await packet()
  const arrival = await bring(rewritten(bytes, 1), { tramSeal: base64(await sealOver(bytes)) })
  t.match(arrival, { state: 'refused', told: true, problem: { code: 'gateway-seal-invalid' } })
  t.match(axis.store.held.get(arrival.remoteId)?.description, 'gateway-seal-invalid')
})

t.test('a packet that has been here is refused by name', async (t) => {
  const bytes = await packet()
  const seal = base64(await sealOver(bytes))
  const arrival = await bring(bytes, { tramSeal: seal, tramHops: hops('TRAM-H90', 'TRAM-H91') })
  t.match(arrival, { state: 'refused', problem: { code: 'packet-looped' } })
})

t.test('what cannot be read beside the packet is fetched again, not taken without', async (t) => {
  const arrival = await bring(await packet(), { tramSeal: 'không phải base64' })
  t.match(arrival, { state: 'listed', document: null, failure: { code: 'answer-invalid' } })
})
