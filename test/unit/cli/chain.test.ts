import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { chain } from '../../../src/cli/chain.ts'
import { chainJobs } from '../../../src/cli/chain-job.ts'
import type { Certificate } from '../../../src/signature/x509/certificate.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makeCrl } from '../../fakes/fake-crl.ts'
import { ocspResponseFor } from '../../fakes/fake-ocsp.ts'

const ca = fakeCa()
const [signer, issuing] = issue(
  { subject: [[NAME.commonName, 'Cơ quan']], profile: 'signature', key: 'p256' },
  ca.issuing,
).certificateChain as [Certificate, Certificate]
const root = ca.root.certificateChain[0]!

const folder = mkdtempSync(join(tmpdir(), 'tram-'))
t.teardown(() => rmSync(folder, { recursive: true }))
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const block = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`

const anchor = file('root.der', root.der)
const leaf = file('leaf.pem', signer.x509.toString())
const untrusted = file('issuing.pem', `chữ thừa\n${issuing.x509.toString()}`)
const lists = [makeCrl(ca.root), makeCrl(ca.issuing)].map((der, index) => file(`${index}.crl`, der))

t.test('a path, with and without revocation', async (t) => {
  const plain = await chain({ anchor, leaf, untrusted })
  t.match(plain, { verdict: 'valid', reason: null, reasons: [], revocation: [] })
  t.strictSame(
    plain.path.map(({ sha256 }) => sha256),
    [signer, issuing, root].map(({ sha256 }) => sha256),
  )
  t.match(await chain({ anchor, leaf }), { verdict: 'invalid', reason: 'no-path' })
  const listed = await chain({ anchor, leaf, untrusted, crl: lists })
  t.match(listed, {
    verdict: 'valid',
    revocation: [{ subject: 'Cơ quan', status: 'good', source: 'crl' }, {}],
  })
  const half = await chain({ anchor, leaf, untrusted, crl: lists[0]! })
  t.match(half, { verdict: 'invalid', reason: 'revocation-unknown' })
  const at = new Date(Math.floor(Date.now() / 1000) * 1000)
  const revoked = ocspResponseFor(signer, issuing, { responder: ca.issuing, state: { revokedAt: at } })
  for (const ocsp of [
    file('ocsp.der', revoked),
    file('ocsp.b64', revoked.toString('base64')),
    block('OCSP RESPONSE', revoked),
  ]) {
    const found = await chain({
      anchor,
      leaf,
      untrusted,
      crl: lists,
      ocsp,
      time: new Date(at.getTime() + 1000).toISOString(),
    })
    t.match(found, {
      verdict: 'invalid',
      reason: 'revoked',
      revocation: [{ revokedAt: at.toISOString() }, {}],
    })
  }
})

t.test('one file with everything: blocks are told apart by their labels', async (t) => {
  const all = file(
    'all.pem',
    block('CERTIFICATE', signer.der) +
      block('CA CERTIFICATE', issuing.der) +
      block('X509 CRL', makeCrl(ca.issuing)),
  )
  const found = await chain({ anchor: all, leaf: all, crl: all })
  t.match(found, { verdict: 'valid', path: [{ subject: 'Cơ quan' }, {}] })
})

t.test('what is no certificate is invalid, what cannot be read or asked is said', async (t) => {
  const none = file('none.pem', 'không có gì')
  t.match(await chain({ anchor, leaf: none }), { verdict: 'invalid', reason: 'certificate-unusable' })
  t.match(await chain({ anchor: none, leaf }), { verdict: 'invalid', reason: 'certificate-unusable' })
  const job = chainJobs()
  t.match(await job({ anchor, leaf, untrusted: [untrusted], id: 7 }), { verdict: 'valid' })
  t.match(await job({ anchor, leaf, untrusted, 'max-intermediates': 0 }), { reason: 'path-too-long' })
  await t.rejects(job({ anchor, leaf: join(folder, 'absent') }), { message: /ENOENT/ })
  await t.rejects(job({ leaf }), { message: /anchor/ })
  await t.rejects(job({ anchor, leaf, time: 'hôm nay' }), { message: /time/ })
})
