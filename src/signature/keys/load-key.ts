import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readCertificates } from '../x509/pem.ts'
import { openPkcs12 } from './pkcs12.ts'
import { type SigningKey, signingKey } from './signing-key.ts'

export { type SigningKey, signingKey } from './signing-key.ts'

/** Where a key lies: PEM files, or one PKCS#12 file. */
export type KeySource =
  | { readonly keyFile: string; readonly chainFile: string; readonly passphrase?: string }
  | { readonly pkcs12File: string; readonly passphrase: string }

/**
 * Loads a key and its chain.
 * @throws Error where a file cannot be read, the passphrase is wrong, or no certificate is for this key
 */
export async function loadSigningKey(source: KeySource): Promise<SigningKey> {
  if ('pkcs12File' in source)
    return (await openPkcs12(await readFile(source.pkcs12File), source.passphrase)).key
  const [key, chain] = await Promise.all([readFile(source.keyFile), readFile(source.chainFile)])
  return signingKey(privateKey(key, source.passphrase), readCertificates(chain))
}

/** PEM, encrypted or not. @throws Error where it is no private key, or the passphrase is wrong */
export function privateKey(pem: Uint8Array, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(pem), ...(passphrase !== undefined && { passphrase }) })
  } catch (cause) {
    throw new Error('it is no PEM private key, or its passphrase is wrong or missing', { cause })
  }
}
