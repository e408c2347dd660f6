import { sign } from 'node:crypto'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import type { SigningKey } from '../../src/signature/keys/signing-key.ts'

const ID_DATA = '1.2.840.113549.1.7.1'
const SIGNED_DATA = '1.2.840.113549.1.7.2'
const SHA256 = '2.16.840.1.101.3.4.2.1'
const RSA = '1.2.840.113549.1.1.1'

const attribute = (type: string, value: asn1js.BaseBlock) => new pkijs.Attribute({ type, values: [value] })

/** A detached CMS signature (RFC 5652) over content of which only the SHA-256 digest is at hand. */
export async function signDigest(
  digest: Uint8Array,
  { key, certificateChain }: SigningKey,
): Promise<Uint8Array> {
  const certificates = certificateChain.map(({ der }) => pkijs.Certificate.fromBER(new Uint8Array(der)))
  const signedAttrs = new pkijs.SignedAndUnsignedAttributes({
    type: 0,
    attributes: [
      attribute('1.2.840.113549.1.9.3', new asn1js.ObjectIdentifier({ value: ID_DATA })),
      attribute('1.2.840.113549.1.9.4', new asn1js.OctetString({ valueHex: new Uint8Array(digest) })),
    ],
  })
  const algorithm = (algorithmId: string) =>
    new pkijs.AlgorithmIdentifier({ algorithmId, algorithmParams: new asn1js.Null() })
  const toSign = Buffer.from(signedAttrs.toSchema().toBER(false))
  // Signed as a SET OF, whatever tag it has in the message (RFC 5652 §5.4).
  toSign[0] = 0x31
  const value = sign('sha256', toSign, key)
  const signed = new pkijs.SignedData({
    version: 1,
    digestAlgorithms: [algorithm(SHA256)],
    encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: ID_DATA }),
    certificates,
    signerInfos: [
      new pkijs.SignerInfo({
        version: 1,
        sid: new pkijs.IssuerAndSerialNumber({
          issuer: certificates[0]!.issuer,
          serialNumber: certificates[0]!.serialNumber,
        }),
        digestAlgorithm: algorithm(SHA256),
        signedAttrs,
        signatureAlgorithm: algorithm(RSA),
        signature: new asn1js.OctetString({ valueHex: new Uint8Array(value) }),
      }),
    ],
  })
  const message = new pkijs.ContentInfo({ contentType: SIGNED_DATA, content: signed.toSchema(true) })
  return new Uint8Array(message.toSchema().toBER(false))
}
