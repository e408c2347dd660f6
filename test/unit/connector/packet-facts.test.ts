import { Readable } from 'node:stream'
import t from 'tap'
import { memoryStage } from '../../../src/blobs/memory-stage.ts'
import { factsOfPacket } from '../../../src/connector/packet-facts.ts'
import { DEFAULT_LIMITS, parsePacket } from '../../../src/edxml/parse-packet.ts'
import { rewritten } from '../../fakes/fake-axis/rewrite.ts'
import { documentPacket, type PacketFacts, statusPacket } from '../../support/packets.ts'

async function factsOf(packet: Uint8Array, names: readonly string[] = ['H90']): Promise<string> {
  const stage = memoryStage()
  const { envelope } = await parsePacket(Readable.from([packet]), stage, DEFAULT_LIMITS)
  return factsOfPacket(envelope, names, stage, DEFAULT_LIMITS.packetBytes)
}

const text = (content: string) => [{ name: 'a.txt', type: 'text/plain', bytes: Buffer.from(content) }]
const packetOf = (more: Partial<PacketFacts> = {}) =>
  documentPacket({ from: 'G90', to: ['H90', 'H91'], documentId: 'G90,1', attachments: text('một'), ...more })

t.test('a packet that is written anew says the same', async (t) => {
  const packet = await packetOf()
  const facts = await factsOf(packet)
  const others = [0, 1, 6, 9].map((round) => rewritten(packet, round))
  t.equal(new Set([packet, ...others].map((one) => Buffer.from(one).toString('hex'))).size, 5, 'other bytes')
  for (const other of others) t.equal(await factsOf(other), facts)
  t.equal(await factsOf(rewritten(others[2]!, 3)), facts, 'also when it is written anew once more')
  const status = statusPacket({ from: 'G90', to: 'H90', documentId: 'x', code: '03' })
  t.equal(await factsOf(rewritten(status, 1)), await factsOf(status))
})

t.test('another packet says something else', async (t) => {
  const facts = await factsOf(await packetOf())
  const others: readonly Partial<PacketFacts>[] = [
    { subject: 'V/v khác' },
    { to: ['H90'] },
    { documentId: 'G90,2' },
    { priority: 3 },
    { attachments: text('hai') },
    { attachments: [] },
    { business: { operation: 'recall' } },
    { from: 'G91' },
  ]
  for (const more of others) t.not(await factsOf(await packetOf(more)), facts, JSON.stringify(more))
  t.not(await factsOf(await packetOf(), ['H91']), facts, 'and so does one for others')
  const codes = await Promise.all(
    ['03', '04'].map((code) => factsOf(statusPacket({ from: 'G90', to: 'H90', documentId: 'x', code }))),
  )
  t.not(codes[0], codes[1])
})
