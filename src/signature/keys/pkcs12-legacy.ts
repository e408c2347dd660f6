import { createPrivateKey } from 'node:crypto'
import forge from 'node-forge'
import { parseCertificate } from '../x509/certificate.ts'
import { KeyFault } from './key-fault.ts'
import { type SigningKey, signingKey } from './signing-key.ts'

/**
 * A PKCS#12 file as old programs write it (RC2, 3DES; RFC 7292 appendix C), which OpenSSL 3 no longer opens by itself.
 * @throws Error where the passphrase is wrong or no key is found
 */
export function readLegacyPkcs12(file: Uint8Array, passphrase: string): SigningKey {
  const container = forge.pkcs12.pkcs12FromAsn1(
    forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(file).toString('binary'))),
    passphrase,
  )
  const { pkcs8ShroudedKeyBag, keyBag, certBag } = forge.pki.oids as Record<string, string>
  const bagsOf = (type: string) => container.getBags({ bagType: type })[type] ?? []
  const keys = [...bagsOf(pkcs8ShroudedKeyBag!), ...bagsOf(keyBag!)]
  const [keyFound] = keys
  if (keyFound === undefined) throw new KeyFault('pkcs12-without-key')
  if (keys.length > 1) throw new KeyFault('pkcs12-keys')
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
