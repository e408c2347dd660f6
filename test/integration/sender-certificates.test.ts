import { createHash } from 'node:crypto'
import t from 'tap'
import { agencyCode, sha256 } from '../../src/domain/identifiers.ts'
import { verifyAgain } from '../../src/intake/verify-again.ts'
import { makePdf } from '../fakes/make-pdf.ts'
import { signingAgency } from '../fakes/signing-agency.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { recordFacts } from '../support/record-facts.ts'

const [SENDER, OTHER] = ['H90.31', 'H90.32']
const gateway = await testGateway(t)
const { api } = gateway
const device = signingAgency({ ca: gateway.ca, name: 'Thiết bị ký số 07', code: 'KHO-07' })
const signed = await device.signPdf(makePdf(['CÔNG VĂN']), 'agency')
const { der } = device.agency.certificateChain[0]!
const certificate = {
  sha256: sha256(createHash('sha256').update(der).digest('hex')),
  der: Buffer.from(der).toString('base64'),
}

let serial = 0
const send = async () => {
  serial += 1
  const packet = await documentPacket({
    from: SENDER,
    to: ['H90'],
    documentId: `${SENDER},2026/11/20,${serial}/UBND`,
    attachments: [{ name: 'cv.pdf', type: 'application/pdf', bytes: signed }],
  })
  return (await gateway.submit(SENDER, packet)).claims
}
const register = (code: string, validFrom: string, validTo: string | null) =>
  recordFacts(api.pool, [
    { subject: agencyCode(code), kind: 'certificate', value: certificate, validFrom, validTo },
  ])

t.test('a certificate counts for whom it is registered on the day of acceptance', async (t) => {
  const before = await send()
  t.equal(before.legalValue, 'reference-only', 'by its name it is nobody known')
  await register(SENDER, '2020-01-01', '2021-01-01')
  t.equal((await send()).legalValue, 'reference-only', 'it was the agency’s, and is no more')
  await register(OTHER, '2022-01-01', null)
  t.equal((await send()).legalValue, 'reference-only', 'it is another agency’s')
  await register(SENDER, '2022-01-01', null)
  const counted = await send()
  t.equal(counted.legalValue, 'agency-only')
  const again = await verifyAgain({ ...api, most: api.packetLimits.packetBytes }, counted.document)
  t.match(again, { legalValue: 'agency-only', same: true })
  const corrected = await verifyAgain({ ...api, most: api.packetLimits.packetBytes }, before.document)
  t.equal(corrected.legalValue, 'agency-only', 'as the directory is known now, of the day of acceptance')
})
