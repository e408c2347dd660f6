import { constants, type KeyObject, sign, verify } from 'node:crypto'
import type { HashName } from '../algorithms.ts'
import type { Certificate } from '../x509/certificate.ts'
import { KeyFault } from './key-fault.ts'
import type { SigningKey } from './signing-key.ts'

/** How a value is made: RSASSA-PKCS1-v1_5, RSASSA-PSS with a salt as long as the hash, ECDSA (RFC 8017, FIPS 186-5). */
export type SigningScheme = 'rsa' | 'rsa-pss' | 'ecdsa'

/** Makes signature values with a private key that lies in a file or never leaves its token. */
export interface Signer {
  readonly publicKey: KeyObject
  /** The key's own certificate first, its issuers after it. */
  readonly certificateChain: readonly Certificate[]
  /**
   * The signature value over `data`: RSA as RFC 8017 has it, ECDSA as r and s side by side (IEEE P1363).
   * @throws Error where the key or its token refuses
   */
  sign(scheme: SigningScheme, hash: HashName, data: Uint8Array): Promise<Uint8Array>
}

/**
 * Signs with a key in memory: RSA on the thread pool. A value of P-256 takes less time than the way there and back.
 */
export function signerOf({ key, certificateChain }: SigningKey): Signer {
  return {
    publicKey: certificateChain[0]!.publicKey,
    certificateChain,
    sign: (scheme, hash, data) =>
      new Promise((resolve, reject) => {
        if (!SCHEMES[key.asymmetricKeyType ?? '']?.includes(scheme))
          throw new KeyFault('key-scheme', { found: scheme })
        if (scheme === 'ecdsa') return resolve(sign(hash, data, { key, ...OPTIONS[scheme] }))
        sign(hash, data, { key, ...OPTIONS[scheme] }, (error, value) =>
          error === null ? resolve(value) : reject(error),
        )
      }),
  }
}

const OPTIONS = {
  rsa: { padding: constants.RSA_PKCS1_PADDING },
  'rsa-pss': { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  ecdsa: { dsaEncoding: 'ieee-p1363' },
} as const satisfies Record<SigningScheme, object>

/** By the kind of key; node:crypto would take another scheme's options and leave them aside. */
const SCHEMES: Readonly<Record<string, readonly SigningScheme[]>> = {
  rsa: ['rsa', 'rsa-pss'],
  ec: ['ecdsa'],
}

/** The scheme that a kind of key makes unless another is asked for. @throws Error where it can make none */
export function schemeOf({ asymmetricKeyType }: KeyObject): SigningScheme {
  const [scheme] = SCHEMES[asymmetricKeyType ?? ''] ?? []
  if (scheme === undefined) throw new KeyFault('key-kind')
  return scheme
}

/** Whether a value of a signer fits its public key. */
export const fitsKey = (
  publicKey: KeyObject,
  scheme: SigningScheme,
  hash: HashName,
  data: Uint8Array,
  value: Uint8Array,
): boolean => verify(hash, data, { key: publicKey, ...OPTIONS[scheme] }, value)

/** Makes one signature and checks it under the certificate. @throws Error where it does not fit */
export async function proveKey(signer: Signer): Promise<void> {
  const scheme = schemeOf(signer.publicKey)
  const challenge = Buffer.from('does the certificate belong to the key?')
  const value = await signer.sign(scheme, 'sha256', challenge)
  if (!fitsKey(signer.publicKey, scheme, 'sha256', challenge, value))
    throw new KeyFault('certificate-of-another')
}
