import { createHash } from 'node:crypto'
import { HASHES, type HashName } from '../algorithms.ts'
import { nullValue, octetString, oid, sequence } from '../der-writer.ts'
import { type Certificate, parseCertificates } from '../x509/certificate.ts'
import { KeyFault } from './key-fault.ts'
import { CK, type Mechanism, PSS_HASHES } from './pkcs11-library.ts'
import { Pkcs11Token } from './pkcs11-token.ts'
import { parsePkcs11Uri } from './pkcs11-uri.ts'
import { fitsKey, proveKey, type Signer, type SigningScheme } from './signer.ts'

export interface TokenKey {
  /** RFC 7512. */
  readonly uri: string
  /** Where the URI has no `pin-source`. */
  readonly pin?: string
  /** The key's certificate and its issuers; those that lie in the token where none are given. */
  readonly chain?: readonly Certificate[]
}

/** A signer whose key stays in its token. `close` lets the sessions go. */
export type TokenSigner = Signer & { close(): void }

/** What is handed to the token: a digest, never the data. */
const INPUTS: Record<SigningScheme, (hash: HashName, data: Uint8Array) => [Mechanism, Buffer]> = {
  rsa: (hash, data) => [{ mechanism: CK.mechanism.rsa }, digestInfo(hash, digest(hash, data))],
  'rsa-pss': (hash, data) => {
    const row = PSS_HASHES[hash]
    if (row === undefined) throw new KeyFault('token-pss', { found: hash })
    const parameter = { type: CK.pssParameters, hashAlg: row.hash, mgf: row.mgf, saltLen: row.length }
    return [{ mechanism: CK.mechanism.rsaPss, parameter }, digest(hash, data)]
  },
  ecdsa: (hash, data) => [{ mechanism: CK.mechanism.ecdsa }, digest(hash, data)],
}

const digest = (hash: HashName, data: Uint8Array): Buffer => createHash(hash).update(data).digest()
/** DigestInfo of RFC 8017 §9.2: CKM_RSA_PKCS pads it and no more. */
const digestInfo = (hash: HashName, value: Buffer): Buffer =>
  sequence(sequence(oid(HASHES[hash].oid), nullValue()), octetString(value))

/** Bytes of the longest signature value: RSA of 8192 bits. */
const MOST_BYTES = 1024

/**
 * Opens a key in a PKCS#11 token, RSA or EC, and makes one signature with it: a certificate that is not this key's, or
 * a key that may not sign, is found here and not at the first document.
 * @throws Error where the optional package, the module, the token, the key or its certificate is not there, or the PIN
 *   is refused
 */
export async function openTokenSigner({ uri, pin, chain }: TokenKey): Promise<TokenSigner> {
  const token = new Pkcs11Token(parsePkcs11Uri(uri), pin)
  const certificates = chain ?? parseCertificates(await token.certificates())
  const [own] = certificates
  if (own === undefined) throw new KeyFault('token-certificate')
  const signer: TokenSigner = {
    publicKey: own.publicKey,
    certificateChain: certificates,
    sign: async (scheme, hash, data) => {
      const [mechanism, input] = INPUTS[scheme](hash, data)
      const value = await token.sign(mechanism, input, MOST_BYTES)
      // A value by another key, or by a token that erred, must not leave: a faulty RSA value can give the key away.
      if (!fitsKey(own.publicKey, scheme, hash, data, value)) throw new KeyFault('token-value')
      return value
    },
    close: () => token.close(),
  }
  await proveKey(signer)
  return signer
}
