import t from 'tap'
import { issue } from '../../../../scripts/issue-certificate.ts'
import { NO_MATERIAL } from '../../../../src/signature/validation-material.ts'
import { NAME } from '../../../../src/signature/x509/name.ts'
import { validatePath } from '../../../../src/signature/x509/path.ts'
import { type CertificateState, ocspResponseFor } from '../../../fakes/fake-ocsp.ts'
import { crl, day, ocsp, TRUST, WORLD } from '../../../fakes/validation-world.ts'

const NOW = day('2026-06-01')
const HOUR_AGO = new Date(NOW.getTime() - 3_600_000)
const [signer, issuer] = [WORLD.signer.certificateChain[0]!, WORLD.issuing.certificateChain[0]!]
const weakling = issue(
  {
    subject: [[NAME.commonName, 'OCSP khóa ngắn']],
    profile: 'ocsp',
    key: 'rsa-1024',
    notBefore: day('2025-01-01'),
    notAfter: day('2028-01-01'),
  },
  WORLD.issuing,
)
const weak = (state: CertificateState) =>
  ocspResponseFor(signer, issuer, {
    responder: weakling,
    state,
    thisUpdate: HOUR_AGO,
    nextUpdate: new Date(NOW.getTime() + 3_600_000),
  })
const look = (ocsps: Uint8Array[], crls: Uint8Array[] = []) =>
  validatePath(signer, {
    anchors: TRUST.anchors,
    material: { ...NO_MATERIAL, certificates: [issuer], ocsps, crls },
    time: NOW,
    purpose: 'signature',
    revocation: 'known',
    weakAlgorithms: 'report',
  })

t.test('a good answer under a weak key is a weakness of the path, and no fault by itself', async (t) => {
  const { status, weaknesses, revocation } = look([weak('good')])
  t.match(revocation[0], { status: 'good', weak: true })
  t.match(weaknesses, [{ reason: 'algorithm-weak', certificate: signer, found: 'OCSP' }])
  t.equal(status, 'valid')
})

t.test('a strong answer outdoes it', async (t) => {
  t.same(look([weak('good'), ocsp('good', new Date(HOUR_AGO.getTime() - 60_000), 24)]).weaknesses, [])
  t.same(look([weak('good')], [crl(HOUR_AGO)]).weaknesses, [])
})

t.test('what a weak key revokes is revoked', async (t) => {
  const { status, weaknesses, revocation } = look([weak({ revokedAt: HOUR_AGO })])
  t.match([status, revocation[0]?.status, weaknesses], ['invalid', 'revoked', []])
})
