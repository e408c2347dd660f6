import t from 'tap'
import { KINDS, type Kind } from '../../../scripts/bench/load/contents.ts'
import {
  documentIdOf,
  numberOf,
  packetTemplate,
  type SignedPacket,
} from '../../../scripts/bench/load/packet-template.ts'
import { bytesSource, verifyAttachment } from '../../../src/signature/verify-attachment.ts'
import { verifyEnvelope } from '../../../src/signature/verify-envelope.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { signingAgency } from '../../fakes/signing-agency.ts'

const ca = fakeCa()
const key = signingAgency({ ca, name: 'Cơ quan G10', code: 'G10' }).agency
const context = { trust: ca.trust, time: new Date() }
/** Those that are quickly verified; the large ones are made like the small. */
const LENGTHS = { small: 10_000, pdf: 100_000 } satisfies Partial<Record<Kind, number>>

async function packetsOf(kind: Kind, numbers: readonly number[]): Promise<SignedPacket[]> {
  const { of, ...attachment } = await KINDS[kind].make(key)
  const make = await packetTemplate({ from: 'G10', to: ['H10'], key, attachment, contentOf: of })
  return Promise.all(numbers.map(make))
}

const contentOf = (packet: Buffer): Buffer =>
  Buffer.from(/Encoded[^>]*>([A-Za-z0-9+/=]{100,})</.exec(packet.toString('latin1'))![1]!, 'base64')

for (const kind of ['small', 'pdf'] as const)
  t.test(`${kind}: each packet is signed for itself`, async (t) => {
    const packets = await packetsOf(kind, [1, 987_654])
    for (const { number, pieces, length } of packets) {
      const whole = Buffer.concat(pieces)
      t.equal(whole.length, length)
      t.ok(Math.abs(length / LENGTHS[kind] - 1) < 0.1, `${length} bytes`)
      t.ok(whole.includes(documentIdOf('G10', number)))
      const { state, findings } = await verifyEnvelope(whole, context)
      t.equal(state, 'valid')
      t.equal(findings[0]?.trust, 'trusted')
    }
    const [one, other] = packets.map(({ pieces }) => contentOf(Buffer.concat(pieces)))
    t.notSame(one, other, 'no two have the same attachment')
  })

t.test('the PDF of each document is signed for itself', async (t) => {
  for (const { pieces } of await packetsOf('pdf', [2, 3])) {
    const content = bytesSource(contentOf(Buffer.concat(pieces)))
    const { findings } = await verifyAttachment(content, 'cid:1', 'application/pdf', context)
    t.match(findings, [{ state: 'valid', trust: 'trusted' }])
  }
})

t.equal(numberOf(documentIdOf('G10', 42)), 42)
