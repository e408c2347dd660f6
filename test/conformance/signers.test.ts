import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { issue } from '../../scripts/issue-certificate.ts'
import { openTokenSigner } from '../../src/signature/keys/pkcs11-signer.ts'
import { signerOf } from '../../src/signature/keys/signer.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { fakeCa } from '../fakes/fake-ca.ts'
import { noSoftToken, softToken } from '../support/soft-token.ts'
import { conformsAsSigner } from './signer-suite.ts'

const ca = fakeCa()
const own = (commonName: string, key: 'rsa' | 'p256') =>
  issue({ subject: [[NAME.commonName, commonName]], profile: 'signature', key }, ca.issuing)
const KEYS = { 'Khóa RSA': own('Khóa RSA', 'rsa'), 'Khóa EC': own('Khóa EC', 'p256') }

for (const [label, key] of Object.entries(KEYS)) {
  t.test(`${label} in memory keeps what signers promise`, (t) => conformsAsSigner(t, signerOf(key)))
}

t.test('a key in a token', { skip: noSoftToken }, async (t) => {
  const token = await softToken(t, 'Con dấu thử')
  let id = 1
  for (const [label, key] of Object.entries(KEYS)) await token.hold(label, `0${id++}`, key)

  for (const [label, key] of Object.entries(KEYS)) {
    await t.test(`${label} keeps what signers promise`, async (t) => {
      const signer = await openTokenSigner({ uri: token.uri(label) })
      t.teardown(() => signer.close())
      t.ok(signer.publicKey.equals(key.certificateChain[0]!.publicKey), 'found by its label')
      t.equal(signer.certificateChain[0]!.sha256, key.certificateChain[0]!.sha256)
      await conformsAsSigner(t, signer)
    })
  }

  await t.test('works again after the token was away, and says so while it is', async (t) => {
    const signer = await openTokenSigner({ uri: token.uri('Khóa EC') })
    const sign = () => signer.sign('ecdsa', 'sha256', Buffer.from('x'))
    await sign()
    token.remove()
    signer.close()
    const { restartModule, openModule } = await import('../../src/signature/keys/pkcs11-library.ts')
    restartModule(await openModule(/module-path=([^&]+)/.exec(token.uri('x'))![1]!))
    await t.rejects(sign(), /no token/)
    token.insert()
    t.ok(await sign())
    t.equal((await Promise.all(Array.from({ length: 20 }, sign))).length, 20)
  })

  await t.test('after a restart of the module no key is taken for another', async (t) => {
    const [rsa, ec] = await Promise.all(
      Object.keys(KEYS).map((label) => openTokenSigner({ uri: token.uri(label) })),
    )
    const { restartModule, openModule } = await import('../../src/signature/keys/pkcs11-library.ts')
    restartModule(await openModule(/module-path=([^&]+)/.exec(token.uri('x'))![1]!))
    const data = Buffer.from('x')
    const made = await Promise.all([ec!.sign('ecdsa', 'sha256', data), rsa!.sign('rsa', 'sha256', data)])
    t.strictSame(
      made.map((value) => value.length),
      [64, 256],
    )
  })

  await t.test('says what is missing', async (t) => {
    const uri = token.uri('Khóa EC')
    const refused = (uri: string, why: RegExp) => t.rejects(openTokenSigner({ uri }), why)
    await refused(uri.replace(/object=[^?]+/, 'object=none'), /no private key/)
    await refused(uri.replace(/token=[^;]+/, 'token=none'), /no token/)
    await refused(uri.replace(/module-path=[^&]+/, 'module-path=/none.so'), /cannot be loaded/)
    await refused(token.uri('Khóa EC', false), /no PIN is given/)
    const chain = KEYS['Khóa RSA'].certificateChain
    await t.rejects(openTokenSigner({ uri, chain }), "another key's certificate")
    const byHand = await openTokenSigner({ uri: token.uri('Khóa EC', false), pin: token.pin })
    t.ok(await byHand.sign('ecdsa', 'sha256', Buffer.from('x')), 'the PIN may come from elsewhere')
  })

  await t.test('a PIN that is refused is not tried again, and is told to nobody', async (t) => {
    const { restartModule, openModule } = await import('../../src/signature/keys/pkcs11-library.ts')
    restartModule(await openModule(/module-path=([^&]+)/.exec(token.uri('x'))![1]!))
    writeFileSync(join(token.folder, 'wrong'), 'not-the-pin')
    const uri = token.uri('Khóa EC').replace(/file:.*$/, `file:${join(token.folder, 'wrong')}`)
    const error = await openTokenSigner({ uri }).catch((error: Error) => error)
    t.match(error, { message: /refuses the PIN/ })
    t.notMatch(String(error), 'not-the-pin')
  })
})
