import { constants, verify } from 'node:crypto'
import type { Test } from 'tap'
import type { HashName } from '../../src/signature/algorithms.ts'
import type { Signer, SigningScheme } from '../../src/signature/keys/signer.ts'

const PADDINGS = {
  rsa: { padding: constants.RSA_PKCS1_PADDING },
  'rsa-pss': { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  ecdsa: { dsaEncoding: 'ieee-p1363' },
} as const

const SCHEMES: Readonly<Record<string, readonly SigningScheme[]>> = { rsa: ['rsa', 'rsa-pss'], ec: ['ecdsa'] }
const HASHES: readonly HashName[] = ['sha256', 'sha384', 'sha512']

/** What every `Signer` promises, wherever its key lies. */
export async function conformsAsSigner(t: Test, signer: Signer): Promise<void> {
  const { publicKey, certificateChain } = signer
  const kind = publicKey.asymmetricKeyType ?? ''
  t.ok(publicKey.equals(certificateChain[0]!.publicKey), 'its own certificate comes first')
  for (const scheme of SCHEMES[kind]!) {
    for (const hash of HASHES) {
      for (const data of [Buffer.alloc(0), Buffer.from('dữ liệu'), Buffer.alloc(100_000, 7)]) {
        const value = await signer.sign(scheme, hash, data)
        t.ok(
          verify(hash, data, { key: publicKey, ...PADDINGS[scheme] }, value),
          `${scheme} ${hash} ${data.length}`,
        )
      }
    }
  }
  const [scheme] = SCHEMES[kind]!
  const many = Array.from({ length: 50 }, (_, index) => Buffer.from(`số ${index}`))
  const values = await Promise.all(many.map((data) => signer.sign(scheme!, 'sha256', data)))
  const fits = many.filter((data, index) =>
    verify('sha256', data, { key: publicKey, ...PADDINGS[scheme!] }, values[index]!),
  )
  t.equal(fits.length, many.length, 'fifty at once, each its own')
  const other: SigningScheme = kind === 'ec' ? 'rsa' : 'ecdsa'
  await t.rejects(signer.sign(other, 'sha256', Buffer.from('x')), 'a scheme of another kind of key')
  const after = await signer.sign(scheme!, 'sha256', many[0]!)
  t.ok(
    verify('sha256', many[0]!, { key: publicKey, ...PADDINGS[scheme!] }, after),
    'it goes on after a refusal',
  )
}
