import { createHash, randomUUID } from 'node:crypto'
import type { SealedObject } from '../../domain/sealed-objects.ts'
import { objectUris } from '../container-names.ts'
import type { Signer, SigningScheme } from '../keys/signer.ts'
import { ASIC, DSIG, EXCLUSIVE, XADES } from './names.ts'

const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'

/** The kinds of key that seal: RSA from 2048 bits and P-256. */
const METHODS: Readonly<Record<string, { readonly scheme: SigningScheme; readonly uri: string }>> = {
  rsa: { scheme: 'rsa', uri: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256' },
  ec: { scheme: 'ecdsa', uri: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256' },
}

export interface Sealer {
  /**
   * A detached XAdES-B-B signature (ETSI EN 319 132-1 §6.3) over objects of which only the digest is known, as
   * META-INF/signatures001.xml of an ASiC-E container holds it (EN 319 162-1 §4.4). UTF-8.
   * @throws RangeError where there is nothing to seal; Error where the key or its token refuses
   */
  seal(objects: readonly SealedObject[], time: Date): Promise<Uint8Array>
}

/** @throws Error where the key is of a kind or a size that cannot seal */
export function createSealer(own: Signer): Sealer {
  const { publicKey, certificateChain } = own
  const method = METHODS[publicKey.asymmetricKeyType ?? '']
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {}
  const isStrong = namedCurve === undefined ? (modulusLength ?? 0) >= 2048 : namedCurve === 'prime256v1'
  if (method === undefined || !isStrong)
    throw new Error('a seal needs an RSA key of 2048 bits or more, or P-256')
  const signer = certificateChain[0]!
  const signingCertificate = certificateText(signer.der)
  const keyInfo = certificateChain
    .map(({ der }) => `<ds:X509Certificate>${base64(der)}</ds:X509Certificate>`)
    .join('')
  return {
    async seal(objects, time) {
      if (objects.length === 0) throw new RangeError('nothing to seal')
      const id = `seal-${randomUUID()}`
      const properties = propertiesText(id, objects, signingCertificate, time)
      const info = signedInfoText(id, objects, digest(properties), method.uri)
      const value = await own.sign(method.scheme, 'sha256', Buffer.from(info))
      return Buffer.from(signatureText(id, info, value, keyInfo, properties))
    },
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const digest = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('base64')

/** Text and attribute values in the escapes of Canonical XML 1.0 §2.3: what is written is already canonical. */
const escapeText = (text: string): string =>
  text.replace(/[&<>\r]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? '&#xD;')
const escapeAttribute = (text: string): string =>
  text.replace(
    /[&<"\t\n\r]/g,
    (char) => ({ '&': '&amp;', '<': '&lt;', '"': '&quot;', '\t': '&#x9;', '\n': '&#xA;' })[char] ?? '&#xD;',
  )

/*
 * Everything that is signed is written in the form that exclusive canonicalisation gives it: namespaces declared
 * where they are first used on each path, attributes in order, no empty-element tags. So the bytes can be hashed as
 * they are, without a parser.
 */
const dsInside = `xmlns:ds="${DSIG}"`

const certificateText = (der: Uint8Array): string =>
  `<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>` +
  `<ds:DigestMethod ${dsInside} Algorithm="${SHA256}"></ds:DigestMethod>` +
  `<ds:DigestValue ${dsInside}>${digest(der)}</ds:DigestValue>` +
  `</xades:CertDigest></xades:Cert></xades:SigningCertificateV2>`

function propertiesText(
  id: string,
  objects: readonly SealedObject[],
  certificate: string,
  time: Date,
): string {
  const formats = objects.map(
    ({ mimeType }, index) =>
      `<xades:DataObjectFormat ObjectReference="#${id}-r${index}">` +
      `<xades:MimeType>${escapeText(mimeType)}</xades:MimeType></xades:DataObjectFormat>`,
  )
  return (
    `<xades:SignedProperties xmlns:xades="${XADES}" Id="${id}-properties"><xades:SignedSignatureProperties>` +
    `<xades:SigningTime>${time.toISOString().replace(/\.\d+Z$/, 'Z')}</xades:SigningTime>${certificate}` +
    `</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>${formats.join('')}` +
    `</xades:SignedDataObjectProperties></xades:SignedProperties>`
  )
}

function signedInfoText(
  id: string,
  objects: readonly SealedObject[],
  properties: string,
  method: string,
): string {
  const digestText = (value: string) =>
    `<ds:DigestMethod Algorithm="${SHA256}"></ds:DigestMethod><ds:DigestValue>${value}</ds:DigestValue>`
  const uris = objectUris(objects.map(({ name }) => name))
  const references = objects.map(
    ({ sha256 }, index) =>
      `<ds:Reference Id="${id}-r${index}" URI="${escapeAttribute(uris[index]!)}">` +
      `${digestText(Buffer.from(sha256, 'hex').toString('base64'))}</ds:Reference>`,
  )
  return (
    `<ds:SignedInfo ${dsInside}>` +
    `<ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${method}"></ds:SignatureMethod>${references.join('')}` +
    `<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#${id}-properties">` +
    `<ds:Transforms><ds:Transform Algorithm="${EXCLUSIVE}"></ds:Transform></ds:Transforms>` +
    `${digestText(properties)}</ds:Reference></ds:SignedInfo>`
  )
}

const signatureText = (
  id: string,
  info: string,
  value: Uint8Array,
  keyInfo: string,
  properties: string,
): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<asic:XAdESSignatures xmlns:asic="${ASIC}">` +
  `<ds:Signature ${dsInside} Id="${id}">${info}` +
  `<ds:SignatureValue Id="${id}-value">${base64(value)}</ds:SignatureValue>` +
  `<ds:KeyInfo><ds:X509Data>${keyInfo}</ds:X509Data></ds:KeyInfo>` +
  `<ds:Object><xades:QualifyingProperties xmlns:xades="${XADES}" Target="#${id}">${properties}` +
  `</xades:QualifyingProperties></ds:Object></ds:Signature></asic:XAdESSignatures>`
