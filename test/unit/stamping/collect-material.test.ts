import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { NO_MATERIAL } from '../../../src/signature/validation-material.ts'
import type { Certificate } from '../../../src/signature/x509/certificate.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import type { RevocationSource } from '../../../src/signature/x509/revocation.ts'
import { collectMaterial } from '../../../src/stamping/collect-material.ts'
import { tokenObjection } from '../../../src/stamping/token-objection.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { type CrlOptions, makeCrl } from '../../fakes/fake-crl.ts'
import { type OcspResponseOptions, ocspResponseFor } from '../../fakes/fake-ocsp.ts'
import { tokenOver } from '../../fakes/fake-tsa.ts'
import { makeToken } from '../../fakes/fake-tsa-token.ts'

const ca = fakeCa()
const named = (commonName: string) => [[NAME.commonName, commonName]] as const
const leaf = issue({ subject: named('con dấu'), profile: 'signature', key: 'p256' }, ca.issuing)
const own = leaf.certificateChain[0]!
const issuing = ca.issuing.certificateChain[0]!
const delegate = issue({ subject: named('OCSP'), profile: 'ocsp', key: 'p256' }, ca.issuing)
const time = new Date()

const keyOf = (issuer: Certificate) => (issuer.sha256 === issuing.sha256 ? ca.issuing : ca.root)
const crlsWith =
  (options: CrlOptions = {}) =>
  async (_: Certificate, issuer: Certificate) => [makeCrl(keyOf(issuer), options)]
const ocspsWith = (options: Partial<OcspResponseOptions> = {}) => {
  return async (certificate: Certificate, issuer: Certificate) => [
    ocspResponseFor(certificate, issuer, { responder: keyOf(issuer), ...options }),
  ]
}
const none = async () => []
const collect = (source: Partial<RevocationSource>, certificate = own) =>
  collectMaterial(
    { certificate, purpose: 'signature', known: NO_MATERIAL, trust: ca.trust, time },
    { crls: none, ocsps: none, ...source },
  )

t.test('OCSP, CRLs or both prove a path; what is kept is what the proof rests on', async (t) => {
  const byOcsp = await collect({ ocsps: ocspsWith(), crls: crlsWith() })
  t.same([byOcsp.ocsps.length, byOcsp.crls.length, byOcsp.certificates.length], [2, 0, 3])
  const byCrl = await collect({ crls: crlsWith() })
  t.same([byCrl.ocsps.length, byCrl.crls.length], [0, 2])
  const mixed = await collect({
    crls: crlsWith(),
    ocsps: async (certificate, issuer) =>
      certificate.sha256 === own.sha256
        ? [ocspResponseFor(certificate, issuer, { responder: delegate })]
        : [],
  })
  t.same(
    [mixed.ocsps.length, mixed.crls.length],
    [1, 1],
    'a delegated responder for one, a CRL for the other',
  )
})

t.test('nothing is proven by what is revoked, unknown, stale, forged, or missing', async (t) => {
  const past = new Date(time.getTime() - 3 * 24 * 60 * 60_000)
  const stale = { thisUpdate: past, nextUpdate: new Date(past.getTime() + 60_000) }
  const stranger = issue({ subject: named('OCSP'), profile: 'signature', key: 'p256' }, ca.issuing)
  const missing = { name: 'MaterialMissing' }
  await t.rejects(collect({}), missing, 'missing')
  await t.rejects(
    collect({ crls: crlsWith({ revoked: [{ certificate: own, at: past }] }) }),
    missing,
    'revoked',
  )
  await t.rejects(collect({ ocsps: ocspsWith({ state: { revokedAt: past } }) }), missing, 'revoked, by OCSP')
  await t.rejects(collect({ ocsps: ocspsWith({ state: 'unknown' }) }), missing, 'unknown')
  await t.rejects(collect({ ocsps: ocspsWith(stale) }), missing, 'stale OCSP')
  await t.rejects(collect({ crls: crlsWith(stale) }), missing, 'stale CRL')
  await t.rejects(collect({ ocsps: ocspsWith({ broken: true }) }), missing, 'forged OCSP')
  await t.rejects(collect({ crls: crlsWith({ broken: true }) }), missing, 'forged CRL')
  await t.rejects(collect({ ocsps: ocspsWith({ responder: stranger }) }), missing, 'no responder')
  await t.rejects(collect({ ocsps: ocspsWith() }, fakeCa().issuing.certificateChain[0]!), missing, 'no path')
})

t.test('a token is worth keeping only where it would stand a verification', async (t) => {
  const tsa = issue({ subject: named('TSA'), profile: 'timestamp', key: 'p256' }, ca.issuing)
  const imprint = Buffer.alloc(32, 7)
  const objection = (token: Uint8Array) => tokenObjection(token, imprint, ca.trust, time)
  t.equal(objection(makeToken(tsa, { imprint })), undefined)
  t.match(
    objection(makeToken(leaf, { imprint })),
    /not trusted for timestamps/,
    'a certificate for signatures',
  )
  t.match(objection(tokenOver(Buffer.from('khác'), tsa)), /something else/)
  t.match(objection(makeToken(tsa, { imprint, broken: true })), /does not fit/)
  t.match(objection(makeToken(tsa, { imprint, genTime: new Date(time.getTime() + 301_000) })), /its clock/)
  t.match(objection(makeToken(tsa, { imprint, certificates: false })), /does not fit|trusted/)
  t.match(objection(Buffer.from('không phải DER')), /does not fit/)
})
