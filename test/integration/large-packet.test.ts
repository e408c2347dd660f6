import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import t from 'tap'
import { findDocument } from '../../src/db/documents.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import { verifyAgain } from '../../src/intake/verify-again.ts'
import { fakeCa } from '../fakes/fake-ca.ts'
import { signingAgency } from '../fakes/signing-agency.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const { api } = await testGateway(t)
const ca = fakeCa()
const ministry = signingAgency({ ca, name: 'Bộ Thử nghiệm', code: 'G90' })
const gateway = { ...api, trust: ca.trust }

/** Stands for the attachment while the packet is signed: as a tree in memory it would be too large. */
const WORD = Buffer.from('stand-in').toString('base64')
const content = randomBytes(30 * 1024 * 1024).toString('base64')

const stretched = (bytes: Uint8Array): Buffer =>
  Buffer.from(Buffer.from(bytes).toString().replace(WORD, content))

async function signedPacket(documentId: string): Promise<Buffer> {
  const attachments = [
    { name: 'ban-ve.bin', type: 'application/octet-stream', bytes: Buffer.from('stand-in') },
  ]
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId, attachments })
  const digest = (canonical: Buffer) => createHash('sha256').update(stretched(canonical)).digest()
  return stretched(ministry.signPacket(packet, 'agency', { digest }))
}

const submit = (packet: Uint8Array) =>
  acceptSubmission(gateway, { caller: callerOf('G90'), content: Readable.from([packet]) })

t.test('a signed packet of 40 MB has its legal value, now and when it is verified again', async (t) => {
  const { claims } = await submit(await signedPacket('G90-2026-1'))
  t.equal(claims.legalValue, 'agency-only')
  const document = await findDocument(api.pool, claims.document)
  t.match(document?.signatureReport, {
    envelope: 'valid',
    findings: [{ where: 'envelope', coverage: 'whole', trust: 'trusted' }],
  })
  const again = await verifyAgain({ ...gateway, most: gateway.packetLimits.packetBytes }, claims.document)
  t.ok(again.same)
  t.equal(again.legalValue, 'agency-only')
})

t.test('one letter of its attachment is not changed unnoticed', async (t) => {
  const packet = await signedPacket('G90-2026-2')
  const at = packet.indexOf(content.slice(-200)) + 100
  packet[at] = packet[at] === 0x41 ? 0x42 : 0x41
  await t.rejects(submit(packet), { code: 'signature-invalid' })
})
