import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { Integer } from 'asn1js'
import { integer, nullValue, octetString, oid, sequence } from '../der-writer.ts'
import { childrenOf, octetsOf, oidOf, parseBer } from '../formats/asn1.ts'

const derive = promisify(pbkdf2)

export const PBES2 = '1.2.840.113549.1.5.13'
const PBKDF2 = '1.2.840.113549.1.5.12'
const HMAC_SHA256 = '1.2.840.113549.2.9'
const AES_256_CBC = '2.16.840.1.101.3.4.1.42'
const MAX_ITERATIONS = 10_000_000

/** RFC 8018 appendix B.1.2; HMAC-SHA1 is what is meant where none is named. */
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  [HMAC_SHA256]: 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}
const CIPHERS: Readonly<Record<string, { readonly name: string; readonly keyLength: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyLength: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyLength: 24 },
  [AES_256_CBC]: { name: 'aes-256-cbc', keyLength: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyLength: 24 },
}

/**
 * Decrypts what PBES2 (RFC 8018 §6.2) has encrypted. The key is derived on the thread pool.
 * @param parameters DER of PBES2-params
 * @throws Error where it uses anything but PBKDF2 and a CBC cipher, or the passphrase is wrong
 */
export async function decryptPbes2(
  parameters: Uint8Array,
  data: Uint8Array,
  passphrase: string,
): Promise<Buffer> {
  const [kdf, encryption] = childrenOf(parseBer(parameters).node).map(childrenOf)
  const [salt, iterationCount, ...optional] = childrenOf(kdf?.[1])
  const prf = optional.find((one) => childrenOf(one).length > 0)
  const hash = prf === undefined ? 'sha1' : HASHES[oidOf(childrenOf(prf)[0]) ?? '']
  const cipher = CIPHERS[oidOf(encryption?.[0]) ?? '']
  const iv = octetsOf(encryption?.[1])
  const saltBytes = octetsOf(salt)
  const iterations = iterationCount instanceof Integer ? iterationCount.valueBlock.valueDec : 0
  if (oidOf(kdf?.[0]) !== PBKDF2 || hash === undefined || cipher === undefined || !iv || !saltBytes)
    throw new Error('the PKCS#12 file is encrypted in a way that is not supported')
  if (iterations < 1 || iterations > MAX_ITERATIONS)
    throw new Error('the number of iterations is out of bounds')
  const key = await derive(passphrase, saltBytes, iterations, cipher.keyLength, hash)
  try {
    const decipher = createDecipheriv(cipher.name, key, iv)
    return Buffer.concat([decipher.update(data), decipher.final()])
  } catch (cause) {
    throw new Error('the passphrase of the PKCS#12 file is wrong', { cause })
  }
}

/** Encrypts with AES-256-CBC under PBKDF2-HMAC-SHA256. `algorithm` is the DER of the AlgorithmIdentifier. */
export async function encryptPbes2(data: Uint8Array, passphrase: string, iterations: number) {
  const [salt, iv] = [randomBytes(16), randomBytes(16)]
  const key = await derive(passphrase, salt, iterations, 32, 'sha256')
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const kdf = sequence(octetString(salt), integer(iterations), sequence(oid(HMAC_SHA256), nullValue()))
  const parameters = sequence(sequence(oid(PBKDF2), kdf), sequence(oid(AES_256_CBC), octetString(iv)))
  return {
    algorithm: sequence(oid(PBES2), parameters),
    encrypted: Buffer.concat([cipher.update(data), cipher.final()]),
  }
}
