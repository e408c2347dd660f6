import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import forge from 'node-forge'
import { type Certificate, parseCertificate } from './x509/certificate.ts'
import { readCertificates } from './x509/pem.ts'

/** A private key with its certificate first and the issuing certificates after it. */
export interface SigningKey {
  readonly key: KeyObject
  readonly certificateChain: readonly Certificate[]
}

/** Where a key lies: PEM files, or one PKCS#12 file, whose passphrase must be ASCII (programs disagree beyond it). */
export type KeySource =
  | { readonly keyFile: string; readonly chainFile: string; readonly passphrase?: string }
  | { readonly pkcs12File: string; readonly passphrase: string }

/**
 * Loads a key and its chain.
 * @throws Error where a file cannot be read, the passphrase is wrong, or the first certificate is not for this key
 */
export async function loadSigningKey(source: KeySource): Promise<SigningKey> {
  if ('pkcs12File' in source) return fromPkcs12(await readFile(source.pkcs12File), source.passphrase)
  const [key, chain] = await Promise.all([readFile(source.keyFile), readFile(source.chainFile)])
  const { passphrase } = source
  return signingKey(
    createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) }),
    readCertificates(chain),
  )
}

/** Puts the certificate of the key first, so that the order in the file does not matter. */
export function signingKey(key: KeyObject, certificates: readonly Certificate[]): SigningKey {
  const own = certificates.find((one) => one.x509.checkPrivateKey(key))
  if (own === undefined) throw new Error('no certificate of the chain belongs to the private key')
  return { key, certificateChain: [own, ...certificates.filter((one) => one !== own)] }
}

/** RFC 7292, RSA and EC keys, old (RC2, 3DES) and new (AES) encryption. */
function fromPkcs12(file: Uint8Array, passphrase: string): SigningKey {
  if (!/^[\x20-\x7e]*$/.test(passphrase)) throw new Error('the passphrase of a PKCS#12 file must be ASCII')
  const container = forge.pkcs12.pkcs12FromAsn1(
    forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(file).toString('binary'))),
    passphrase,
  )
  const { pkcs8ShroudedKeyBag, keyBag, certBag } = forge.pki.oids as Record<string, string>
  const bagsOf = (type: string) => container.getBags({ bagType: type })[type] ?? []
  const [keyFound] = [...bagsOf(pkcs8ShroudedKeyBag!), ...bagsOf(keyBag!)]
  if (keyFound === undefined) throw new Error('no private key in the PKCS#12 file')
  // forge reads RSA keys and leaves others as the PKCS#8 they came as.
  const pkcs8 = keyFound.key
    ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(keyFound.key))
    : keyFound.asn1
  const certificates = bagsOf(certBag!).map((bag) => {
    const asn1 = bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1
    return parseCertificate(derOf(asn1))
  })
  return signingKey(createPrivateKey({ key: derOf(pkcs8), format: 'der', type: 'pkcs8' }), certificates)
}

const derOf = (asn1: forge.asn1.Asn1): Buffer => Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary')
