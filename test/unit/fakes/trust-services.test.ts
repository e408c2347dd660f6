import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makeCrl } from '../../fakes/fake-crl.ts'
import { FakeOcsp, type OcspBehaviour } from '../../fakes/fake-ocsp.ts'
import { FakeTsa, type TsaBehaviour, tokenOver } from '../../fakes/fake-tsa.ts'
import { OCSP_TYPE, TSA_TYPE, trustServiceServer } from '../../fakes/trust-service-server.ts'
import { toPem } from '../../support/pem.ts'
import { type Teardown, temporaryFolder } from '../../support/temporary-folder.ts'

const run = promisify(execFile)

/** What openssl says, and whether it was content. */
async function openssl(...args: string[]): Promise<{ good: boolean; said: string }> {
  const tell = ({ stdout, stderr }: { stdout?: string; stderr?: string }) => `${stdout ?? ''}${stderr ?? ''}`
  return run('openssl', args).then(
    (output) => ({ good: true, said: tell(output) }),
    (error: { code?: unknown; stdout?: string; stderr?: string }) => ({
      good: false,
      said: error.code === 'ENOENT' ? 'ENOENT' : tell(error),
    }),
  )
}

const skip = (await openssl('version')).good ? false : 'openssl is not on this machine'

const ca = fakeCa()
const named = (commonName: string) => [[NAME.commonName, commonName]] as const
const tsaKey = issue({ subject: named('TSA'), profile: 'timestamp' }, ca.issuing)
const strangerKey = issue({ subject: named('TSA'), profile: 'timestamp' }, fakeCa().issuing)
const responder = issue({ subject: named('OCSP'), profile: 'ocsp' }, ca.issuing)
const leaf = issue({ subject: named('leaf'), profile: 'signature', key: 'p256' }, ca.issuing)

async function files(t: Teardown, contents: Record<string, string | Uint8Array>) {
  const folder = await temporaryFolder(t)
  const all = {
    'root.pem': toPem([ca.root.certificateChain[0]!.der]),
    'issuing.pem': toPem([ca.issuing.certificateChain[0]!.der]),
    'leaf.pem': toPem([leaf.certificateChain[0]!.der]),
    ...contents,
  }
  for (const [name, content] of Object.entries(all)) await writeFile(join(folder, name), content)
  return (name: string) => join(folder, name)
}

t.test('openssl takes the tokens of the fake TSA, and refuses its faults', { skip }, async (t) => {
  const at = await files(t, { data: 'dấu thời gian' })
  await openssl('ts', '-query', '-data', at('data'), '-sha256', '-cert', '-out', at('query'))
  const query = await readFile(at('query'))
  const tsa = new FakeTsa({ tsa: tsaKey, stranger: strangerKey })
  const verdict = async (behaviour: TsaBehaviour) => {
    tsa.behaviour = behaviour
    await writeFile(at('reply'), tsa.respond(query))
    const trust = ['-CAfile', at('root.pem'), '-untrusted', at('issuing.pem')]
    return openssl('ts', '-verify', '-queryfile', at('query'), '-in', at('reply'), ...trust)
  }
  const answer = await verdict('answer')
  t.ok(answer.good, answer.said)
  const faults: TsaBehaviour[] = [
    'wrong-nonce',
    'no-nonce',
    'wrong-imprint',
    'broken-signature',
    'other-certificate',
    'rejection',
    'garbage',
    'empty',
  ]
  for (const fault of faults) t.notOk((await verdict(fault)).good, fault)
  t.equal(tsa.asked.length, 9)
})

t.test('openssl takes a token made without a request', { skip }, async (t) => {
  const data = Buffer.from('không có yêu cầu')
  for (const key of [
    tsaKey,
    issue({ subject: named('EC'), profile: 'timestamp', key: 'p256' }, ca.issuing),
  ]) {
    const at = await files(t, { data, token: tokenOver(data, key) })
    const trust = ['-CAfile', at('root.pem'), '-untrusted', at('issuing.pem')]
    const taken = await openssl(
      'ts',
      '-verify',
      '-data',
      at('data'),
      '-in',
      at('token'),
      '-token_in',
      ...trust,
    )
    t.ok(taken.good, taken.said)
  }
})

t.test('openssl believes the fake responder where it should, over HTTP', { skip }, async (t) => {
  const ocsp = new FakeOcsp({ responder, stranger: leaf })
  const tsa = new FakeTsa({ tsa: tsaKey })
  const { url } = await trustServiceServer(t, {
    ocsp: { mediaType: OCSP_TYPE, respond: (body) => ocsp.respond(body) },
    tsa: { mediaType: TSA_TYPE, respond: (body) => tsa.respond(body) },
  })
  const at = await files(t, {})
  const ask = (...more: string[]) =>
    openssl(
      'ocsp',
      '-issuer',
      at('issuing.pem'),
      '-cert',
      at('leaf.pem'),
      '-url',
      `${url}/ocsp`,
      '-CAfile',
      at('root.pem'),
      ...more,
    )
  for (const more of [[], ['-no_nonce']]) {
    const { said } = await ask(...more)
    t.match(said, /Response verify OK/)
    t.match(said, /leaf\.pem: good/)
  }
  ocsp.states.set(leaf.certificateChain[0]!.serial, {
    revokedAt: new Date('2026-01-02T03:04:05Z'),
    reason: 1,
  })
  t.match((await ask()).said, /revoked[\s\S]*keyCompromise[\s\S]*Jan {2}2 03:04:05 2026/)
  ocsp.states.set(leaf.certificateChain[0]!.serial, 'unknown')
  t.match((await ask()).said, /leaf\.pem: unknown/)
  const faults: Partial<Record<OcspBehaviour, RegExp>> = {
    expired: /Status times invalid|status expired/i,
    'wrong-responder': /Verify Failure/i,
    'broken-signature': /Verify Failure/i,
    'other-certificate': /No Status found/i,
    'try-later': /trylater/i,
  }
  for (const [behaviour, said] of Object.entries(faults)) {
    ocsp.behaviour = behaviour as OcspBehaviour
    t.match((await ask()).said, said, behaviour)
  }
})

t.test('openssl finds the revoked certificate in the CRL, and no other', { skip }, async (t) => {
  const other = issue({ subject: named('other'), profile: 'signature', key: 'p256' }, ca.issuing)
  const crl = (options: Parameters<typeof makeCrl>[1]) =>
    toPem([makeCrl(ca.issuing, options)]).replaceAll('CERTIFICATE', 'X509 CRL')
  const revoked = [
    { certificate: leaf.certificateChain[0]!, at: new Date('2026-01-02T03:04:05Z'), reason: 1 },
  ]
  const at = await files(t, {
    'other.pem': toPem([other.certificateChain[0]!.der]),
    'crl.pem': crl({ revoked }),
    'old.pem': crl({ nextUpdate: new Date(Date.now() - 60_000) }),
    'broken.pem': crl({ broken: true }),
  })
  const check = (certificate: string, list: string) =>
    openssl(
      'verify',
      '-crl_check',
      '-CRLfile',
      at(list),
      '-CAfile',
      at('root.pem'),
      '-untrusted',
      at('issuing.pem'),
      at(certificate),
    )
  t.match((await check('leaf.pem', 'crl.pem')).said, /certificate revoked/)
  const taken = await check('other.pem', 'crl.pem')
  t.ok(taken.good, taken.said)
  t.match((await check('other.pem', 'old.pem')).said, /CRL has expired/)
  t.match((await check('other.pem', 'broken.pem')).said, /CRL signature failure/)
})

t.test('the places of OCSP and CRL stand in a certificate that is given them', async (t) => {
  const urls = { ocspUrl: 'http://ocsp.thu.gov.vn/', crlUrl: 'http://crl.thu.gov.vn/issuing.crl' }
  const made = issue(
    { subject: named('with places'), profile: 'signature', key: 'p256', ...urls },
    ca.issuing,
  )
  t.match(made.certificateChain[0]!.x509.infoAccess, /OCSP - URI:http:\/\/ocsp\.thu\.gov\.vn\//)
  t.ok(Buffer.from(made.certificateChain[0]!.der).includes(urls.crlUrl))
})
