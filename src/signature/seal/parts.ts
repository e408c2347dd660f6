import { type Certificate, parseCertificates } from '../x509/certificate.ts'
import { DSIG, XADES } from './names.ts'

/** What a seal of our own making consists of, as text: cut out of it, never written anew. */
export interface SealParts {
  readonly id: string
  /** Canonical as they stand (exclusive C14N 1.0). */
  readonly signedInfo: string
  readonly signatureValue: string
  readonly keyInfo: string
  readonly signedProperties: string
  /** SHA-256 digests of the sealed objects, in their order, base64. */
  readonly objectDigests: readonly string[]
  /** The unsigned signature properties so far, side by side; canonical as they stand. */
  readonly unsigned: string
}

const OPEN_UNSIGNED = '<xades:UnsignedProperties><xades:UnsignedSignatureProperties>'
const CLOSE_UNSIGNED = '</xades:UnsignedSignatureProperties></xades:UnsignedProperties>'
const CLOSE_QUALIFYING = '</xades:QualifyingProperties>'

/**
 * Takes apart a seal that `createSealer` made and `extend.ts` extended.
 * @throws RangeError for any other XML
 */
export function sealParts(xades: Uint8Array): SealParts {
  const text = Buffer.from(xades).toString('utf8')
  const signedInfo = between(text, '<ds:SignedInfo ', '</ds:SignedInfo>')
  const digests = [...signedInfo.matchAll(/<ds:DigestValue>([^<]+)<\/ds:DigestValue>/g)].map(
    ([, one]) => one!,
  )
  if (digests.length < 2) throw foreign('references')
  return {
    id: attributeOf(text),
    signedInfo,
    signatureValue: declared(between(text, '<ds:SignatureValue ', '</ds:SignatureValue>'), 'SignatureValue'),
    keyInfo: declared(between(text, '<ds:KeyInfo>', '</ds:KeyInfo>'), 'KeyInfo'),
    signedProperties: between(text, '<xades:SignedProperties ', '</xades:SignedProperties>'),
    objectDigests: digests.slice(0, -1),
    unsigned: text.includes(OPEN_UNSIGNED)
      ? between(text, OPEN_UNSIGNED, CLOSE_UNSIGNED).slice(OPEN_UNSIGNED.length, -CLOSE_UNSIGNED.length)
      : '',
  }
}

/** The seal with one more unsigned property at the end; every byte that was there stays. */
export function withUnsigned(xades: Uint8Array, property: string): Buffer {
  const text = Buffer.from(xades).toString('utf8')
  const [before, mark] = text.includes(OPEN_UNSIGNED)
    ? [property, CLOSE_UNSIGNED]
    : [`${OPEN_UNSIGNED}${property}${CLOSE_UNSIGNED}`, CLOSE_QUALIFYING]
  const at = only(text, mark)
  return Buffer.from(`${text.slice(0, at)}${before}${text.slice(at)}`)
}

/** The certificates of the seal's KeyInfo, its own first. @throws RangeError */
export function sealCertificates(xades: Uint8Array): Certificate[] {
  const found = [...sealParts(xades).keyInfo.matchAll(/<ds:X509Certificate>([^<]+)</g)]
  return parseCertificates(found.map(([, text]) => Buffer.from(text!, 'base64')))
}

const foreign = (what: string): RangeError => new RangeError(`no seal of this gateway: ${what}`)

/** Where `mark` stands. What it could be confused with is escaped: it must stand there once. */
function only(text: string, mark: string): number {
  const at = text.indexOf(mark)
  if (at < 0 || text.includes(mark, at + 1)) throw foreign(mark)
  return at
}

function between(text: string, open: string, close: string): string {
  const [from, to] = [only(text, open), only(text, close)]
  if (to < from) throw foreign(open)
  return text.slice(from, to + close.length)
}

function attributeOf(text: string): string {
  const found = new RegExp(`<ds:Signature xmlns:ds="${DSIG}" Id="(seal-[0-9a-f-]{36})">`).exec(text)?.[1]
  if (found === undefined || !text.includes(`<xades:QualifyingProperties xmlns:xades="${XADES}"`))
    throw foreign('Signature')
  return found
}

/** Canonical by itself: the declaration that it inherits stands on it. */
const declared = (element: string, name: string): string =>
  element.replace(`<ds:${name}`, `<ds:${name} xmlns:ds="${DSIG}"`)
