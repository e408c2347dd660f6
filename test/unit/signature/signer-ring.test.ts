import { copyFile, mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { writePkcs12 } from '../../../src/signature/keys/pkcs12-write.ts'
import { createRingSealer, openSignerRing } from '../../../src/signature/keys/signer-ring.ts'
import type { SigningKey } from '../../../src/signature/keys/signing-key.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { noSoftToken, softToken } from '../../support/soft-token.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ca = fakeCa()
const DAY = 86_400_000
const now = new Date()
const inDays = (days: number) => new Date(now.getTime() + days * DAY)
const valid = (name: string, from: number, to: number, key: 'p256' | 'rsa' = 'p256') =>
  issue(
    {
      subject: [[NAME.commonName, name]],
      profile: 'signature',
      key,
      notBefore: inDays(from),
      notAfter: inDays(to),
    },
    ca.issuing,
  )
const old = valid('cũ', -300, 30)
const next = valid('mới', -1, 300)
const later = valid('sau', 20, 600)

const pem = ({ certificateChain }: SigningKey) => certificateChain.map(({ x509 }) => x509.toString()).join('')
const keyPem = ({ key }: SigningKey) => key.export({ type: 'pkcs8', format: 'pem' })
async function put(folder: string, name: string, key: SigningKey): Promise<void> {
  await writeFile(join(folder, `${name}.key.pem`), keyPem(key))
  await writeFile(join(folder, `${name}.pem`), pem(key))
}
const place = (path: string, passphrase: string | null = null) => ({ path, chain: null, passphrase })
const is = (t: Tap, found: { certificateChain: SigningKey['certificateChain'] }, key: SigningKey) =>
  t.equal(found.certificateChain[0]!.sha256, key.certificateChain[0]!.sha256)
type Tap = Pick<typeof t, 'equal'>

t.test('of several keys the one signs that became valid last', async (t) => {
  const folder = await temporaryFolder(t)
  await put(folder, 'a', old)
  await put(folder, 'b', next)
  await writeFile(join(folder, 'c.p12'), await writePkcs12(later, 'bí mật'))
  await writeFile(join(folder, 'c.pass'), 'bí mật\n')
  const ring = await openSignerRing(place(folder))
  t.equal(ring.all().length, 3)
  is(t, ring.at(inDays(-100)), old)
  is(t, ring.at(now), next)
  is(t, ring.at(inDays(21)), later)
  is(t, ring.at(inDays(400)), later)
  t.throws(() => ring.at(inDays(-400)), { code: 'seal-key-unavailable' })
  t.throws(() => ring.at(inDays(601)), { code: 'seal-key-unavailable' })
})

t.test('keys are exchanged while they are in use', async (t) => {
  const folder = await temporaryFolder(t)
  await put(folder, 'a', old)
  const ring = await openSignerRing(place(folder))
  const sealer = createRingSealer(ring)
  t.strictSame(await ring.reload(), { changed: false, names: ['a.key.pem'], faults: [] })
  const inFlight = ring.at(now)
  await writeFile(join(folder, 'b.key.pem'), keyPem(next))
  const half = await ring.reload()
  t.equal(half.faults.length, 1, 'a key without its certificate is not used yet')
  is(t, ring.at(now), old)
  await writeFile(join(folder, 'b.pem'), pem(next))
  t.strictSame(await ring.reload(), { changed: true, names: ['a.key.pem', 'b.key.pem'], faults: [] })
  is(t, ring.at(now), next)
  await rm(join(folder, 'a.key.pem'))
  await ring.reload()
  t.equal(ring.all().length, 1)
  t.ok(await inFlight.sign('ecdsa', 'sha256', Buffer.from('x')), 'what was begun ends with its key')
  const seal = await sealer.seal(
    [{ name: 'a', mimeType: 'text/plain', sha256: next.certificateChain[0]!.sha256 }],
    now,
  )
  t.match(Buffer.from(seal).toString(), Buffer.from(next.certificateChain[0]!.der).toString('base64'))
})

t.test('a damaged exchange leaves the keys that are in use', async (t) => {
  const folder = await temporaryFolder(t)
  await put(folder, 'a', old)
  const ring = await openSignerRing(place(folder))
  await writeFile(join(folder, 'a.pem'), pem(next))
  t.match((await ring.reload()).faults, [{ message: /a\.key\.pem cannot be used/ }])
  is(t, ring.at(now), old)
  t.equal((await ring.reload()).faults.length, 1, 'told again until it is mended')
  await rm(folder, { recursive: true })
  t.equal((await ring.reload()).faults.length, 1)
  is(t, ring.at(now), old)
  await mkdir(folder)
  t.equal((await ring.reload()).faults.length, 1, 'an empty folder is a mistake, not a wish')
  is(t, ring.at(now), old)
})

t.test('one pair of files is exchanged in its place', async (t) => {
  const folder = await temporaryFolder(t)
  await put(folder, 'seal', old)
  const pair = { path: join(folder, 'seal.key.pem'), chain: join(folder, 'seal.pem'), passphrase: null }
  const ring = await openSignerRing(pair)
  await put(folder, 'seal', next)
  await utimes(pair.chain, inDays(1), inDays(1))
  t.ok((await ring.reload()).changed)
  is(t, ring.at(now), next)
})

t.test('keys that must not be used here are not', async (t) => {
  const folder = await temporaryFolder(t)
  await put(folder, 'a', old)
  await t.rejects(
    openSignerRing(place(folder), () => {
      throw new Error('not here')
    }),
    /not here/,
  )
  await t.rejects(openSignerRing(place(await temporaryFolder(t))), /no key lies in the folder/)
  const weak = issue(
    { subject: [[NAME.commonName, 'yếu']], profile: 'signature', key: 'rsa-1024' },
    ca.issuing,
  )
  await put(folder, 'b', weak)
  await t.rejects(openSignerRing(place(folder)), /2048/)
  await copyFile(join(folder, 'a.pem'), join(folder, 'b.pem'))
  await t.rejects(openSignerRing(place(folder)), /b\.key\.pem cannot be used: no certificate/)
})

t.test('a folder may hold keys of tokens', { skip: noSoftToken }, async (t) => {
  const folder = await temporaryFolder(t)
  const token = await softToken(t)
  await token.hold('next', '01', next)
  await put(folder, 'a', old)
  await writeFile(join(folder, 'b.pkcs11'), `${token.uri('next', false)}\n`)
  await writeFile(join(folder, 'b.pass'), token.pin)
  const ring = await openSignerRing(place(folder))
  is(t, ring.at(now), next)
  t.ok(await ring.at(now).sign('ecdsa', 'sha256', Buffer.from('x')))
  ring.close()
  t.ok(await ring.at(now).sign('ecdsa', 'sha256', Buffer.from('x')), 'what was let go is taken hold of again')
})
