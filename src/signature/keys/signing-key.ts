import type { KeyObject } from 'node:crypto'
import type { Certificate } from '../x509/certificate.ts'
import { KeyFault } from './key-fault.ts'

/** A private key with its certificate first and the issuing certificates after it. */
export interface SigningKey {
  readonly key: KeyObject
  readonly certificateChain: readonly Certificate[]
}

/**
 * Puts the certificate of the key first, so that the order in the file does not matter.
 * @throws Error where none belongs to the key
 */
export function signingKey(key: KeyObject, certificates: readonly Certificate[]): SigningKey {
  const own = certificates.find((one) => one.x509.checkPrivateKey(key))
  if (own === undefined) throw new KeyFault('certificate-missing')
  return { key, certificateChain: [own, ...certificates.filter((one) => one !== own)] }
}
