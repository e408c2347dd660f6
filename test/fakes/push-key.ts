import { generateKeyPairSync } from 'node:crypto'

/** A key for notices, and its public half as receivers configure it. */
export function pushKey(): { readonly signingKeyPem: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return {
    signingKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: `whpk_${Buffer.from(x, 'base64url').toString('base64')}`,
  }
}
