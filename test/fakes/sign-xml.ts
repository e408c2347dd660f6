import { createHash, type KeyObject, sign } from 'node:crypto'

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'

export interface XmlReference {
  /** Undefined for none. */
  readonly uri?: string
  readonly type?: string
  /** Transform elements in canonical form, with the prefix `ds`. */
  readonly transforms?: string
  /** What the reference stands over, written by hand: no canonicaliser has a part in it. */
  readonly octets: string | Uint8Array
}

export interface XmlSignOptions {
  readonly id?: string
  /** The content of KeyInfo. */
  readonly keyInfo?: string
  /** Object elements behind it. */
  readonly objects?: string
  /** The signature method where another is to be named than the one that is used. */
  readonly method?: string
  /** Turns the value into another one before it is written. */
  readonly value?: (value: Buffer) => Buffer
}

export const transform = (algorithm: string, inside = ''): string =>
  `<ds:Transform Algorithm="${algorithm}">${inside}</ds:Transform>`

/** A ds:Signature over octets that are told, with SHA-256; SignedInfo is written in its exclusive canonical form. */
export function signXml(
  key: KeyObject,
  references: readonly XmlReference[],
  options: XmlSignOptions = {},
): string {
  const own = `${MORE}${key.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa'}-sha256`
  const info =
    `<ds:SignedInfo xmlns:ds="${DSIG}">` +
    `<ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${options.method ?? own}"></ds:SignatureMethod>` +
    `${references.map(referenceText).join('')}</ds:SignedInfo>`
  const made = sign('sha256', Buffer.from(info), { key, dsaEncoding: 'ieee-p1363' })
  const value = (options.value?.(made) ?? made).toString('base64')
  const id = options.id === undefined ? '' : ` Id="${options.id}"`
  const keyInfo = options.keyInfo === undefined ? '' : `<ds:KeyInfo>${options.keyInfo}</ds:KeyInfo>`
  const valueId = options.id === undefined ? '' : ` Id="${options.id}-value"`
  return (
    `<ds:Signature xmlns:ds="${DSIG}"${id}>${info}` +
    `<ds:SignatureValue${valueId}>${value}</ds:SignatureValue>${keyInfo}${options.objects ?? ''}</ds:Signature>`
  )
}

function referenceText({ uri, type, transforms, octets }: XmlReference): string {
  const digest = createHash('sha256').update(octets).digest('base64')
  const attributes =
    (type === undefined ? '' : ` Type="${type}"`) + (uri === undefined ? '' : ` URI="${uri}"`)
  const chain = transforms === undefined ? '' : `<ds:Transforms>${transforms}</ds:Transforms>`
  return (
    `<ds:Reference${attributes}>${chain}<ds:DigestMethod Algorithm="${SHA256}"></ds:DigestMethod>` +
    `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>`
  )
}

export const x509Data = (der: Uint8Array): string =>
  `<ds:X509Data><ds:X509Certificate>${Buffer.from(der).toString('base64')}</ds:X509Certificate></ds:X509Data>`
