import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { type CheckedSignature, SignatureStop } from '../../../src/signature/checks.ts'
import { checkCms, openCms } from '../../../src/signature/formats/cms.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makeCms } from '../../fakes/make-cms.ts'
import { randomFrom } from '../../support/mutants/random.ts'

/*
 * openssl as judge, both ways: what it signs is sound here, and no spoiled signature is sound here that it refuses.
 */
const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
const isThere = spawnSync('openssl', ['version']).status === 0
const skip = isThere ? false : 'openssl is not installed'

const folder = mkdtempSync(join(tmpdir(), 'tram-cms-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)
const ca = fakeCa()
const content = Buffer.from('Công văn về việc kiểm thử\r\n'.repeat(40))
writeFileSync(path('content'), content)

const keys = {
  rsa: issue({ subject: [['2.5.4.3', 'RSA']], profile: 'signature' }, ca.issuing),
  ec: issue({ subject: [['2.5.4.3', 'EC']], profile: 'signature', key: 'p256' }, ca.issuing),
}
for (const [name, { key, certificateChain }] of Object.entries(keys)) {
  writeFileSync(path(`${name}.key`), key.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(path(`${name}.pem`), certificateChain[0]!.x509.toString())
}

const detached = async function* () {
  yield content
}

async function check(cms: Uint8Array): Promise<CheckedSignature[]> {
  try {
    return await checkCms('cms', openCms(cms), detached)
  } catch (error) {
    if (error instanceof SignatureStop) return []
    throw error
  }
}

const isIntact = (all: readonly CheckedSignature[]): boolean =>
  all.length > 0 &&
  all.every(
    ({ valueIntact, references }) =>
      valueIntact === true && references.every(({ intact }) => intact === true),
  )

const WAYS: Readonly<Record<string, readonly string[]>> = {
  attached: ['-nodetach'],
  detached: [],
  'streamed in pieces': ['-nodetach', '-stream'],
  'without attributes': ['-nodetach', '-noattr'],
  'by key identifier': ['-nodetach', '-keyid'],
  'with CAdES attributes': ['-nodetach', '-cades'],
  'SHA-512': ['-nodetach', '-md', 'sha512'],
  'SHA3-256': ['-nodetach', '-md', 'sha3-256'],
  'SHA-512/256': ['-nodetach', '-md', 'sha512-256'],
  'SHA-1': ['-nodetach', '-md', 'sha1'],
}
const PSS = ['-keyopt', 'rsa_padding_mode:pss']

t.test('what openssl signs', { skip }, async (t) => {
  for (const name of Object.keys(keys)) {
    for (const [way, options] of Object.entries(WAYS)) {
      // OpenSSL 3.0 knows no ECDSA with SHA-3, and nobody has named ECDSA with SHA-512/256.
      if (name === 'ec' && /^SHA(?:3-|-512.)256$/.test(way)) continue
      const signer = ['-signer', path(`${name}.pem`), '-inkey', path(`${name}.key`)]
      const file = path('signed.der')
      openssl(
        'cms',
        '-sign',
        '-binary',
        '-outform',
        'DER',
        '-in',
        path('content'),
        '-out',
        file,
        ...signer,
        ...options,
      )
      const found = await check(readFileSync(file))
      t.ok(isIntact(found) && found.every(({ state }) => state === 'valid'), `${name}: ${way}`)
    }
  }
  for (const [name, options] of Object.entries({
    'PSS with the longest salt': [...PSS, '-keyopt', 'rsa_pss_saltlen:max'],
    'PSS with two hashes': [...PSS, '-keyopt', 'rsa_mgf1_md:sha512', '-keyopt', 'rsa_pss_saltlen:32'],
    'PSS with SHA-1 defaults': [...PSS, '-md', 'sha1', '-keyopt', 'rsa_pss_saltlen:20'],
  })) {
    const file = path('pss.der')
    const signer = ['-signer', path('rsa.pem'), '-inkey', path('rsa.key'), ...options]
    openssl(
      'cms',
      '-sign',
      '-binary',
      '-nodetach',
      '-outform',
      'DER',
      '-in',
      path('content'),
      '-out',
      file,
      ...signer,
    )
    t.ok(isIntact(await check(readFileSync(file))), name)
  }
})

/** Why openssl does not take the signature over the content as fitting, whoever made it; empty where it does. */
function refusalOf(cms: Uint8Array): string {
  writeFileSync(path('mutant.der'), cms)
  const args = ['cms', '-verify', '-noverify', '-binary', '-inform', 'DER', '-in', path('mutant.der')]
  const { status, stderr } = spawnSync('openssl', [...args, '-content', path('content'), '-out', '/dev/null'])
  return status === 0 ? '' : String(stderr)
}

/**
 * What openssl reads before it looks at any signature, and this verifier leaves alone: certificates that nobody needs
 * or that are spoiled where no signature is over, and the list of digest algorithms, which is a hint (RFC 5652 §5.1).
 */
const ELSEWHERE =
  /Type=CMS_CertificateChoices|Field=digestAlgorithms|unknown digest algorithm|invalid certificate/
/** That list names other hashes than the SignerInfo, which is so where either was spoiled. */
const NOT_LISTED = /no matching digest/
const listed = (cms: Uint8Array): Buffer => Buffer.from(openCms(cms).fields[1]!.raw)

/** One spoiled copy: a byte changed, a bit turned, a piece cut out, doubled or written over. */
function mutate(bytes: Uint8Array, next: (below: number) => number): Buffer {
  const copy = Buffer.from(bytes)
  const at = next(copy.length)
  const length = 1 + next(8)
  const ways = [
    () => copy.fill(next(256), at, at + 1),
    () => copy.fill(copy[at]! ^ (1 << next(8)), at, at + 1),
    () => Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]),
    () => Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]),
    () => copy.fill(0, at, Math.min(at + length, copy.length)),
  ]
  return ways[next(ways.length)]!()
}

t.test('2,000 spoiled signatures: none is sound here that openssl refuses', { skip }, async (t) => {
  const { below: next } = randomFrom(20_260_101)
  const leaf = { leafOnly: true }
  const bases = [
    makeCms(content, [{ by: keys.rsa }], leaf),
    makeCms(content, [{ by: keys.rsa }], { ...leaf, detached: true }),
    makeCms(
      content,
      [
        { by: keys.ec, byKeyId: true },
        { by: keys.rsa, pss: { saltLength: 32 } },
      ],
      { ...leaf, detached: true },
    ),
    makeCms(content, [{ by: keys.ec }], { ...leaf, ber: true }),
    makeCms(content, [{ by: keys.ec, withoutAttributes: true }], { ...leaf, detached: true }),
  ]
  for (const base of bases) t.ok(isIntact(await check(base)) && refusalOf(base) === '')
  let sound = 0
  const refused: string[] = []
  const started = performance.now()
  for (let index = 0; index < 2000; index++) {
    const base = bases[index % bases.length]!
    const mutant = mutate(base, next)
    if (mutant.equals(base)) continue
    const found = await check(mutant)
    if (!isIntact(found)) continue
    sound++
    const refusal = refusalOf(mutant)
    const isRelied = found.every(({ state }) => state === 'valid') && listed(base).equals(listed(mutant))
    if (NOT_LISTED.test(refusal) && !isRelied) continue
    if (refusal !== '' && !ELSEWHERE.test(refusal)) refused.push(`${refusal} ${mutant.toString('base64')}`)
  }
  t.same(refused, [])
  t.comment(`${sound} of 2,000 still intact, ${Math.round(performance.now() - started)} ms`)
})
