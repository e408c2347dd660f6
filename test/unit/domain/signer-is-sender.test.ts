import t from 'tap'
import { type Sha256, sha256 } from '../../../src/domain/identifiers.ts'
import { legalValueOf, type SignatureFinding } from '../../../src/domain/signature-report.ts'
import { isOfSender, type SenderNames, signerKindFor } from '../../../src/domain/signer-is-sender.ts'

const certificate = (digit: string): Sha256 => sha256(digit.repeat(64))
const [OWN, OTHER, NOBODYS] = ['1', '2', '3'].map(certificate)

const SENDER: SenderNames = {
  code: 'G90',
  name: 'Bộ Thử nghiệm',
  aliases: ['000.00.00.G90', 'BTN-TEST'],
  holderOf: (one) => (one === OWN ? 'sender' : one === OTHER ? 'another' : undefined),
}

const finding = (changes: Partial<SignatureFinding>): SignatureFinding => ({
  where: 'envelope',
  format: 'xmldsig',
  state: 'valid',
  trust: 'trusted',
  signerKind: 'agency',
  checks: [],
  ...changes,
})

const value = (changes: Partial<SignatureFinding>) =>
  legalValueOf({ envelope: 'valid', findings: [finding(changes)], checkedAt: '' }, [], SENDER)

t.test('a certificate that is registered for the sender counts, whatever it is called', async (t) => {
  const odd = { signerName: 'CN=Thiết bị ký số 07', certificateSha256: OWN }
  t.ok(isOfSender(finding(odd), SENDER))
  t.equal(value(odd), 'agency-only')
  t.equal(value({ ...odd, certificateSha256: NOBODYS }), 'reference-only', 'by its name alone it would not')
})

t.test(
  'a certificate that is registered for another agency never counts, even in the name of this one',
  async (t) => {
    const borrowed = { signerName: SENDER.name, certificateSha256: OTHER }
    t.notOk(isOfSender(finding(borrowed), SENDER))
    t.equal(value(borrowed), 'reference-only')
    t.equal(
      value({ ...borrowed, certificateSha256: NOBODYS }),
      'agency-only',
      'registered for nobody: the name decides',
    )
  },
)

t.test('a registered certificate is the agency’s signature, unless it is a person’s', async (t) => {
  t.equal(signerKindFor(finding({ signerKind: 'unknown', certificateSha256: OWN }), SENDER), 'agency')
  t.equal(signerKindFor(finding({ signerKind: 'person', certificateSha256: OWN }), SENDER), 'person')
  t.equal(signerKindFor(finding({ signerKind: 'unknown', certificateSha256: NOBODYS }), SENDER), 'unknown')
  t.equal(value({ signerKind: 'unknown', certificateSha256: OWN }), 'agency-only')
  t.equal(
    value({ signerKind: 'person', certificateSha256: OWN }),
    'reference-only',
    'a person alone is no agency',
  )
})

t.test('an alias counts like the code', async (t) => {
  t.ok(isOfSender(finding({ signerName: '000.00.00.g90' }), SENDER))
  t.ok(isOfSender(finding({ signerKind: 'person', signerOrganisations: ['BTN-TEST'] }), SENDER))
  t.notOk(isOfSender(finding({ signerName: '000.00.00.G91' }), SENDER))
})
