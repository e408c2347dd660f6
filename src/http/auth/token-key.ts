import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** The key that signs access tokens, and what is published of it. */
export interface TokenKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** JWK thumbprint (RFC 7638). */
  readonly kid: string
  readonly publicJwk: Readonly<Record<string, string | undefined>>
}

/** Reads the PEM of the key that signs access tokens. @throws Error where it is not an EC P-256 key */
export function tokenKey(pem: string): TokenKey {
  const privateKey = createPrivateKey(pem)
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error('the key that signs access tokens must be an EC P-256 key')
  }
  const publicKey = createPublicKey(privateKey)
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' })
  // RFC 7638 §3.2: the required members alone, in the order of their names.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return { privateKey, publicKey, kid, publicJwk: { kty, crv, x, y, kid, use: 'sig', alg: 'ES256' } }
}
