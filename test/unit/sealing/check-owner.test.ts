import t from 'tap'
import { issue, type Subject } from '../../../scripts/issue-certificate.ts'
import { issueAgency, makeCa } from '../../../scripts/make-certs.ts'
import { checkOwner, checkTrust } from '../../../src/sealing/check-owner.ts'
import type { TrustStore } from '../../../src/signature/trust-store.ts'
import { NAME } from '../../../src/signature/x509/name.ts'

const AGENCY = { code: 'H90.01', name: 'Sở Thử nghiệm', aliases: ['000.90.01'] }
const ca = makeCa()
const sealOf = (...subject: Subject) =>
  issue({ subject, profile: 'signature', key: 'p256' }, ca.issuing).certificateChain

t.test("a seal is the agency's by its name, its code, an alias or an identifier", async (t) => {
  const mother = [NAME.organization, 'Tỉnh Thử nghiệm'] as const
  const own: [string, ...Subject][] = [
    ['name', mother, [NAME.organizationalUnit, 'Sở Thử nghiệm'], [NAME.commonName, 'SỞ THỬ  NGHIỆM']],
    ['code', mother, [NAME.organizationalUnit, 'H90.01'], [NAME.commonName, 'H90.01']],
    ['alias', mother, [NAME.commonName, '000.90.01']],
    ['identifier', mother, [NAME.commonName, 'Sở TN'], [NAME.userId, 'MNS:H90.01']],
    ['identifier that is an alias', mother, [NAME.commonName, 'Sở TN'], [NAME.userId, 'MNS: 000.90.01']],
  ]
  for (const [what, ...subject] of own)
    t.equal(checkOwner(sealOf(...subject)[0]!, AGENCY, false), false, what)
})

t.test('under another name it wants a word of the administrator', async (t) => {
  const others: [string, ...Subject][] = [
    ['another agency', [NAME.organization, 'Sở Khác'], [NAME.commonName, 'Sở Khác']],
    ['a department of it', [NAME.organization, 'Sở Thử nghiệm'], [NAME.commonName, 'Phòng Một']],
    ['what it belongs to', [NAME.organization, 'Tỉnh Thử nghiệm'], [NAME.userId, 'MNS:H90']],
  ]
  for (const [what, ...subject] of others) {
    const [certificate] = sealOf(...subject)
    t.throws(() => checkOwner(certificate!, AGENCY, false), { code: 'agency-key-name-differs' }, what)
    t.equal(checkOwner(certificate!, AGENCY, true), true, `${what}, confirmed`)
  }
  const { person } = issueAgency(ca, AGENCY)
  for (const isConfirmed of [false, true])
    t.throws(() => checkOwner(person.certificateChain[0]!, AGENCY, isConfirmed), { code: 'request-invalid' })
})

t.test('a certificate leads to the trust store', async (t) => {
  const now = new Date()
  const chain = sealOf([NAME.organization, AGENCY.name], [NAME.commonName, AGENCY.name])
  const storeOf = ({ root }: typeof ca, intermediates: TrustStore['intermediates'] = []): TrustStore => ({
    anchors: [{ certificate: root.certificateChain[0]!, purposes: new Set(['signature']) }],
    intermediates,
  })
  t.doesNotThrow(() => checkTrust(chain, storeOf(ca), now), 'by the chain that comes with it')
  const intermediate = ca.issuing.certificateChain[0]!
  t.doesNotThrow(() => checkTrust(chain.slice(0, 1), storeOf(ca, [intermediate]), now), 'by our own')
  t.throws(
    () => checkTrust(chain.slice(0, 1), storeOf(ca), now),
    { code: 'request-invalid' },
    'a link is missing',
  )
  t.throws(() => checkTrust(chain, storeOf(makeCa()), now), { code: 'request-invalid' }, 'another root')
  const nextYear = new Date(now.getTime() + 365 * 86_400_000)
  const later = issue(
    { subject: [[NAME.commonName, AGENCY.name]], profile: 'signature', key: 'p256', notBefore: nextYear },
    ca.issuing,
  )
  t.doesNotThrow(() => checkTrust(later.certificateChain, storeOf(ca), now), 'one that has yet to begin')
})
