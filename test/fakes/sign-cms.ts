import { createHash, webcrypto } from 'node:crypto'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'

export interface CmsSignOptions {
  /** The content lies outside the signature (.p7s); inside it (.p7m) unless told. */
  readonly detached?: boolean
  /** Claimed signing time; now unless told. */
  readonly time?: Date
}

const DATA = '1.2.840.113549.1.7.1'
const SIGNED_DATA = '1.2.840.113549.1.7.2'

const attribute = (type: string, value: asn1js.BaseBlock) => new pkijs.Attribute({ type, values: [value] })
const octets = (bytes: Uint8Array) => new asn1js.OctetString({ valueHex: new Uint8Array(bytes).buffer })
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/**
 * Signs content as CMS SignedData (RFC 5652) of the CAdES-B-B kind: content-type, message-digest, signing-time and
 * signing-certificate-v2 attributes, SHA-256, the chain along. DER.
 */
export async function signCms(
  content: Uint8Array,
  key: SigningKey,
  options: CmsSignOptions = {},
): Promise<Uint8Array> {
  const certificates = key.certificateChain.map(({ der }) => pkijs.Certificate.fromBER(new Uint8Array(der)))
  const signer = certificates[0]!
  const data = new pkijs.SignedData({
    version: 1,
    encapContentInfo: new pkijs.EncapsulatedContentInfo({
      eContentType: DATA,
      ...(options.detached !== true && { eContent: octets(content) }),
    }),
    signerInfos: [
      new pkijs.SignerInfo({
        version: 1,
        sid: new pkijs.IssuerAndSerialNumber({ issuer: signer.issuer, serialNumber: signer.serialNumber }),
        signedAttrs: new pkijs.SignedAndUnsignedAttributes({
          type: 0,
          attributes: attributesOf(content, key, options),
        }),
      }),
    ],
    certificates,
  })
  await data.sign(await cryptoKeyOf(key), 0, 'SHA-256', new Uint8Array(content).buffer)
  const info = new pkijs.ContentInfo({ contentType: SIGNED_DATA, content: data.toSchema(true) })
  return new Uint8Array(info.toSchema().toBER())
}

function attributesOf(content: Uint8Array, key: SigningKey, { time }: CmsSignOptions): pkijs.Attribute[] {
  const certificateId = new asn1js.Sequence({ value: [octets(sha256(key.certificateChain[0]!.der))] })
  const certificates = new asn1js.Sequence({ value: [certificateId] })
  return [
    attribute('1.2.840.113549.1.9.3', new asn1js.ObjectIdentifier({ value: DATA })),
    attribute('1.2.840.113549.1.9.5', new asn1js.UTCTime({ valueDate: time ?? new Date() })),
    attribute('1.2.840.113549.1.9.4', octets(sha256(content))),
    attribute('1.2.840.113549.1.9.16.2.47', new asn1js.Sequence({ value: [certificates] })),
  ]
}

function cryptoKeyOf({ key }: SigningKey): Promise<webcrypto.CryptoKey> {
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: 'P-256' }
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, false, ['sign'])
}
