import { execFileSync, spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { issueAgency } from '../../../scripts/make-certs.ts'
import { loadSigningKey } from '../../../src/signature/keys/load-key.ts'
import { openPkcs12 } from '../../../src/signature/keys/pkcs12.ts'
import { writePkcs12 } from '../../../src/signature/keys/pkcs12-write.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ca = fakeCa()
const rsa = issueAgency(ca, { name: 'Sở Thử Nghiệm', code: 'H99.01' }).agency
const ec = issue({ subject: [[NAME.commonName, 'Khóa EC']], profile: 'signature', key: 'p256' }, ca.issuing)
const KINDS = { rsa, ec }
const VIETNAMESE = 'Mật khẩu của đơn vị 🔑'

const skip = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed'

/** One file of PEM that `openssl pkcs12` takes. */
async function pemFiles(folder: string, { key, certificateChain }: typeof rsa) {
  const [keyFile, chainFile] = [join(folder, 'key.pem'), join(folder, 'chain.pem')]
  await writeFile(keyFile, key.export({ type: 'pkcs8', format: 'pem' }))
  await writeFile(chainFile, certificateChain.map(({ x509 }) => x509.toString()).join(''))
  return { keyFile, chainFile }
}

const sameKey = (a: typeof rsa, b: typeof rsa) => a.key.equals(b.key)

t.test('what openssl writes is opened, with any passphrase', { skip }, async (t) => {
  for (const [kind, own] of Object.entries(KINDS)) {
    const folder = await temporaryFolder(t)
    const { keyFile, chainFile } = await pemFiles(folder, own)
    const export12 = (...options: string[]) => {
      const out = join(folder, 'out.p12')
      const args = ['pkcs12', '-export', '-inkey', keyFile, '-in', chainFile, '-out', out, ...options]
      execFileSync('openssl', args, { stdio: 'pipe' })
      return readFile(out)
    }
    for (const passphrase of ['plain', VIETNAMESE, '']) {
      const opened = await openPkcs12(await export12('-passout', `pass:${passphrase}`), passphrase)
      t.ok(sameKey(opened.key, own), `${kind}, passphrase "${passphrase}"`)
      t.ok(opened.modern)
      t.equal(opened.key.certificateChain.length, own.certificateChain.length)
      t.ok(opened.key.certificateChain[0]!.x509.checkPrivateKey(own.key), 'its own certificate first')
    }
    const old = await openPkcs12(await export12('-legacy', '-passout', `pass:${VIETNAMESE}`), VIETNAMESE)
    t.ok(sameKey(old.key, own), `${kind}, RC2 and 3DES`)
    t.notOk(old.modern, 'told as old')
    const sha1 = await openPkcs12(await export12('-macalg', 'sha1', '-passout', 'pass:x'), 'x')
    t.notOk(sha1.modern, 'an integrity check by SHA-1 is old too')
    const bare = await export12('-keypbe', 'NONE', '-certpbe', 'NONE', '-passout', 'pass:x')
    t.notOk((await openPkcs12(bare, 'x')).modern, 'a key in clear is not protected')
  }
})

t.test('what is written is opened by openssl and by ourselves', { skip }, async (t) => {
  for (const [kind, own] of Object.entries(KINDS)) {
    const folder = await temporaryFolder(t)
    const file = join(folder, 'own.p12')
    await writeFile(file, await writePkcs12(own, VIETNAMESE))
    const shown = execFileSync(
      'openssl',
      ['pkcs12', '-in', file, '-nodes', '-info', '-passin', `pass:${VIETNAMESE}`],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    t.match(shown, /BEGIN PRIVATE KEY/, `${kind}: openssl finds the key`)
    t.equal(shown.match(/BEGIN CERTIFICATE/g)?.length, own.certificateChain.length)
    const opened = await openPkcs12(await readFile(file), VIETNAMESE)
    t.ok(sameKey(opened.key, own))
    t.ok(opened.modern)
    const loaded = await loadSigningKey({ pkcs12File: file, passphrase: VIETNAMESE })
    t.ok(sameKey(loaded, own))
  }
})

t.test('what cannot be opened is said so', async (t) => {
  const file = await writePkcs12(ec, 'right')
  await t.rejects(openPkcs12(file, 'wrong'), /passphrase .* is wrong/)
  await t.rejects(openPkcs12(Buffer.from('no file'), 'right'), /not a PKCS#12 file/)
  await t.rejects(openPkcs12(new Uint8Array(0), 'right'), /not a PKCS#12 file/)
  const damaged = Buffer.from(file)
  damaged[damaged.length >> 1]! ^= 1
  await t.rejects(openPkcs12(damaged, 'right'))
  for (let at = 0; at < file.length; at += 97) await t.rejects(openPkcs12(file.subarray(0, at), 'right'))
  const strange = await writePkcs12({ key: rsa.key, certificateChain: ec.certificateChain }, 'right')
  await t.rejects(openPkcs12(strange, 'right'), /no certificate of the chain belongs/)
})

t.test('a PEM key may be encrypted', async (t) => {
  const folder = await temporaryFolder(t)
  const { keyFile, chainFile } = await pemFiles(folder, ec)
  const passphrase = VIETNAMESE
  await writeFile(keyFile, ec.key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }))
  t.ok(sameKey(await loadSigningKey({ keyFile, chainFile, passphrase }), ec))
  await t.rejects(loadSigningKey({ keyFile, chainFile, passphrase: 'wrong' }))
})
