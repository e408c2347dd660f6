import { constants, type KeyObject, sign } from 'node:crypto'
import type { HashName } from './algorithms.ts'
import type { SigningKey } from './keys.ts'
import type { Certificate } from './x509/certificate.ts'

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

/** Signs with a key in memory, on the thread pool. */
export function signerOf({ key, certificateChain }: SigningKey): Signer {
  return {
    publicKey: certificateChain[0]!.publicKey,
    certificateChain,
    sign: (scheme, hash, data) =>
      new Promise((resolve, reject) => {
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
