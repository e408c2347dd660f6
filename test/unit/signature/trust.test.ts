import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type IssueOptions, issue } from '../../../scripts/issue-certificate.ts'
import { DEV_PASSPHRASE, makeDevCertificates } from '../../../scripts/make-certs.ts'
import type { Bilingual } from '../../../src/domain/bilingual.ts'
import { loadSigningKey } from '../../../src/signature/keys/load-key.ts'
import { REASONS } from '../../../src/signature/reasons.ts'
import { EMPTY_TRUST, loadTrustStore, type TrustStore } from '../../../src/signature/trust-store.ts'
import { parseCertificate } from '../../../src/signature/x509/certificate.ts'
import { NAME, type NamePart } from '../../../src/signature/x509/name.ts'
import { checkPath } from '../../../src/signature/x509/path.ts'
import { signerKind, signerName, signerOrganisations } from '../../../src/signature/x509/signer-kind.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'

const ca = fakeCa()
const now = new Date()
const year = 365 * 24 * 60 * 60 * 1000
const named = (name: string): IssueOptions['subject'] => [
  [NAME.organization, name],
  [NAME.commonName, name],
]
const leaf = issue({ subject: named('Cơ quan'), profile: 'signature', key: 'p256' }, ca.issuing)
const [signer] = leaf.certificateChain

const failedOf = (result: ReturnType<typeof checkPath>): string[] =>
  result.checks.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check)

t.test('a path is found from the trust store, or from what came along', async (t) => {
  const found = checkPath(signer!, [], ca.trust, 'signature', now)
  t.ok(found.trusted)
  t.equal(found.path.length, 3)
  const withoutHelp: TrustStore = { ...ca.trust, intermediates: [] }
  t.strictSame(failedOf(checkPath(signer!, [], withoutHelp, 'signature', now)), ['chain'])
  t.ok(checkPath(signer!, leaf.certificateChain, withoutHelp, 'signature', now).trusted)
  t.strictSame(failedOf(checkPath(signer!, leaf.certificateChain, EMPTY_TRUST, 'signature', now)), ['chain'])
  t.strictSame(failedOf(checkPath(signer!, leaf.certificateChain, fakeCa().trust, 'signature', now)), [
    'chain',
  ])
})

t.test('every certificate of the path must hold at the time', async (t) => {
  for (const time of [new Date(now.getTime() - year), new Date(now.getTime() + 4 * year)]) {
    t.ok(failedOf(checkPath(signer!, [], ca.trust, 'signature', time)).includes('validity-period'))
  }
  const old = issue(
    { subject: named('CA cũ'), profile: 'issuing', notBefore: new Date(0), notAfter: new Date(year) },
    ca.root,
  )
  const below = issue({ subject: named('Cơ quan'), profile: 'signature', key: 'p256' }, old)
  const result = checkPath(below.certificateChain[0]!, below.certificateChain, ca.trust, 'signature', now)
  t.strictSame(failedOf(result), ['validity-period'])
})

t.test('only a CA may issue, and only as deep as it is allowed', async (t) => {
  const byLeaf = issue({ subject: named('Giả'), profile: 'signature', key: 'p256' }, leaf)
  const result = checkPath(byLeaf.certificateChain[0]!, byLeaf.certificateChain, ca.trust, 'signature', now)
  t.notOk(result.trusted)
  t.ok(failedOf(result).includes('chain'))
  t.ok(failedOf(result).includes('key-usage'))
  const deeper = issue({ subject: named('CA con'), profile: 'issuing', key: 'p256' }, ca.issuing)
  const below = issue({ subject: named('Cơ quan'), profile: 'signature', key: 'p256' }, deeper)
  const tooLong = checkPath(below.certificateChain[0]!, below.certificateChain, ca.trust, 'signature', now)
  t.strictSame([...new Set(failedOf(tooLong))], ['chain'])
  t.match(tooLong.checks[0]?.reason?.en, /longer/)
})

t.test('an issuer of the same name with another key is not the issuer', async (t) => {
  const subject = [...ca.issuing.certificateChain[0]!.subject].map(({ oid, value }) => [oid, value] as const)
  const impostor = issue({ subject, profile: 'issuing', key: 'p256' })
  const below = issue({ subject: named('Giả'), profile: 'signature', key: 'p256' }, impostor)
  t.notOk(checkPath(below.certificateChain[0]!, below.certificateChain, ca.trust, 'signature', now).trusted)
})

t.test('many certificates of one name do not stall the search', async (t) => {
  const crowd = Array.from({ length: 40 }, () =>
    issue({ subject: named('Đông'), profile: 'issuing', key: 'p256' }),
  )
  const below = issue({ subject: named('Cơ quan'), profile: 'signature', key: 'p256' }, crowd[0])
  const embedded = crowd.map((one) => one.certificateChain[0]!)
  t.notOk(checkPath(below.certificateChain[0]!, embedded, ca.trust, 'signature', now).trusted)
})

t.test('an anchor is trusted for its purpose alone', async (t) => {
  const timestamps: TrustStore = {
    ...ca.trust,
    anchors: ca.trust.anchors.map((one) => ({ ...one, purposes: new Set(['timestamp'] as const) })),
  }
  t.strictSame(failedOf(checkPath(signer!, [], timestamps, 'signature', now)), ['chain'])
  t.strictSame(failedOf(checkPath(signer!, [], ca.trust, 'timestamp', now)), ['key-usage'])
  const tsa = issue({ subject: named('TSA'), profile: 'timestamp', key: 'p256' }, ca.issuing)
  t.ok(checkPath(tsa.certificateChain[0]!, [], timestamps, 'timestamp', now).trusted)
})

t.test('a certificate for TLS, OCSP or timestamps makes no seal, whatever name it bears', async (t) => {
  const trusted = (options: Pick<IssueOptions, 'profile' | 'extendedKeyUsage'>) => {
    const [own] = issue({ ...options, subject: named('Bộ Thử'), key: 'p256' }, ca.issuing).certificateChain
    return checkPath(own!, [], ca.trust, 'signature', now)
  }
  for (const profile of ['tls-client', 'tls-server', 'ocsp', 'timestamp'] as const)
    t.strictSame(failedOf(trusted({ profile })), ['key-usage'], profile)
  const meant = ['2.5.29.37.0', '1.3.6.1.5.5.7.3.4', '1.3.6.1.5.5.7.3.36', '1.3.6.1.4.1.311.10.3.12']
  for (const oid of [...meant, '1.2.840.113583.1.1.5']) {
    const extendedKeyUsage = ['1.3.6.1.5.5.7.3.2', oid]
    t.ok(trusted({ profile: 'signature', extendedKeyUsage }).trusted, oid)
  }
  const encryptionOnly = new Set(['keyEncipherment'] as const)
  const result = checkPath({ ...signer!, keyUsage: encryptionOnly }, [], ca.trust, 'signature', now)
  t.strictSame(failedOf(result), ['key-usage'])
})

t.test('what was not checked is always said', async (t) => {
  const notMade = checkPath(signer!, [], ca.trust, 'signature', now).checks.filter(
    ({ outcome }) => outcome === 'not-made',
  )
  t.strictSame(
    notMade.map(({ check }) => check),
    ['revocation', 'timestamp'],
  )
})

t.test('agency or person', async (t) => {
  const of = (...parts: [oid: string, value: string][]): string =>
    signerKind(parts.map(([oid, value]): NamePart => ({ oid, value })))
  const { organization, commonName, userId, serialNumber, title, givenName, organizationIdentifier } = NAME
  const ubnd = 'Ủy ban nhân dân tỉnh'
  t.equal(of([organization, ubnd]), 'agency')
  t.equal(of([organization, ubnd], [commonName, ubnd]), 'agency')
  t.equal(of([commonName, 'Sở X'], [userId, 'MST:0101234567']), 'agency')
  t.equal(of([commonName, 'Sở X'], [userId, 'MNS:1054321']), 'agency')
  t.equal(of([commonName, 'Sở X'], [organizationIdentifier, 'VATVN-0101234567']), 'agency')
  t.equal(of([commonName, 'Nguyễn Văn A'], [userId, 'CCCD:001098000001']), 'person')
  t.equal(of([commonName, 'Nguyễn Văn A'], [userId, 'CMND:012345678'], [organization, ubnd]), 'person')
  t.equal(of([commonName, 'Nguyễn Văn A'], [serialNumber, 'PNOVN-001098000001']), 'person')
  t.equal(of([organization, ubnd], [commonName, 'Nguyễn Văn A'], [title, 'Chủ tịch']), 'person')
  t.equal(of([givenName, 'A'], [commonName, 'Nguyễn Văn A']), 'person')
  t.equal(
    of([organization, ubnd], [userId, 'CCCD:001'], [organizationIdentifier, 'VATVN-1']),
    'person',
    'person goes first',
  )
  t.equal(of([organization, ubnd], [commonName, 'Nguyễn Văn A']), 'unknown')
  t.equal(of([commonName, 'user05']), 'unknown')
  t.equal(of(), 'unknown')
  t.equal(signerName([{ oid: organization, value: ubnd }]), ubnd)
})

t.test('the organisations that a certificate names', async (t) => {
  const organisations = (...parts: [string, string][]) =>
    signerOrganisations(parts.map(([oid, value]): NamePart => ({ oid, value })))
  const { organization, organizationalUnit, commonName, userId } = NAME
  const office: [string, string][] = [
    [organization, 'Bộ Thử'],
    [organizationalUnit, ' Cục Một '],
    [organizationalUnit, 'Cục Hai'],
  ]
  const both = ['Bộ Thử', 'Cục Một', 'Cục Hai']
  t.strictSame(organisations(...office, [commonName, 'Nguyễn Văn A'], [userId, 'CCCD:1']), both)
  t.strictSame(organisations(...office, [commonName, 'Cục Ba'], [userId, 'MST:1']), [...both, 'Cục Ba'])
  t.strictSame(organisations([organization, 'Bộ Thử'], [commonName, 'Bộ Thử']), ['Bộ Thử'])
  t.strictSame(organisations([commonName, 'Nguyễn Văn A'], [userId, 'CCCD:1']), [])
})

t.test('development certificates: complete, kept, loadable', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tram-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const agencies = [{ name: 'Sở Thử', code: 'H99.01' }]
  await makeDevCertificates(folder, agencies)
  const files = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.key.pem'))
      .map((name) => statSync(join(folder, name)).mtimeMs)
  const before = files()
  t.equal(before.length, 10)
  await makeDevCertificates(folder, agencies)
  t.strictSame(files(), before, 'a second run makes nothing anew')

  const trust = await loadTrustStore(join(folder, 'trust'))
  t.equal(trust.anchors.length, 1)
  t.equal(trust.intermediates.length, 1)
  for (const name of ['gateway-seal', 'gateway-seal-p256', 'agency-H99.01', 'agency-H99.01-person']) {
    const key = await loadSigningKey({
      keyFile: join(folder, `${name}.key.pem`),
      chainFile: join(folder, `${name}.pem`),
    })
    const [own] = key.certificateChain
    t.ok(checkPath(own!, [], trust, 'signature', now).trusted, name)
  }
  const seal = { keyFile: join(folder, 'gateway-seal.key.pem'), chainFile: join(folder, 'gateway-seal.pem') }
  await t.rejects(loadSigningKey({ ...seal, chainFile: join(folder, 'client-tls.pem') }), /belongs/)

  const fromPem = await loadSigningKey(seal)
  const pkcs12File = join(folder, 'gateway-seal.p12')
  const fromPkcs12 = await loadSigningKey({ pkcs12File, passphrase: DEV_PASSPHRASE })
  t.ok(fromPkcs12.key.equals(fromPem.key))
  t.strictSame(
    fromPkcs12.certificateChain.map((one) => one.sha256),
    fromPem.certificateChain.map((one) => one.sha256),
  )
  await t.rejects(loadSigningKey({ pkcs12File, passphrase: 'sai' }))
  await t.rejects(loadSigningKey({ pkcs12File, passphrase: 'mật khẩu' }), /wrong/)
  await t.test(
    'PKCS#12 of openssl, RSA and EC',
    { skip: hasOpenssl() ? false : 'openssl is not installed' },
    async (t) => {
      for (const name of ['gateway-seal', 'gateway-seal-p256']) {
        const out = join(folder, `${name}-openssl.p12`)
        const from = ['-inkey', join(folder, `${name}.key.pem`), '-in', join(folder, `${name}.pem`)]
        execFileSync(
          'openssl',
          ['pkcs12', '-export', ...from, '-passout', 'pass:mat-khau-thu', '-out', out],
          {
            stdio: 'pipe',
          },
        )
        const loaded = await loadSigningKey({ pkcs12File: out, passphrase: 'mat-khau-thu' })
        t.equal(loaded.certificateChain.length, 2, name)
      }
    },
  )
})

const hasOpenssl = (): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

t.test('a trust store that cannot be read whole is refused', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tram-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  t.strictSame(await loadTrustStore(folder), EMPTY_TRUST)
  await t.rejects(loadTrustStore(join(folder, 'missing')))
  writeFileSync(join(folder, 'root.der'), ca.root.certificateChain[0]!.der)
  t.equal((await loadTrustStore(folder)).anchors.length, 1)
  writeFileSync(join(folder, 'other.pem'), 'not a certificate')
  await t.rejects(loadTrustStore(folder), /other\.pem/)
  t.throws(() => parseCertificate(Buffer.from('3003020101', 'hex')))
})

t.test('every reason stands in both languages', async (t) => {
  for (const [id, words] of Object.entries<Bilingual>(REASONS))
    t.ok(words.vi && words.en && words.vi !== words.en, id)
})
