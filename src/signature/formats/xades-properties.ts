import { attributeOf, childElements, elementsOf, type XmlElementNode } from '../../xml/nodes.ts'
import { type HashName, hashByXml } from '../algorithms.ts'
import { decodeBase64, isDsig, plainText } from './xmldsig-tree.ts'

/** Any version: 1.1.1, 1.2.2, 1.3.2 and 1.4.1 (TS 101 903, EN 319 132-1). */
export const isXades = ({ uri }: XmlElementNode): boolean =>
  /^http:\/\/uri\.etsi\.org\/01903\/v1\.\d\.\d#$/.test(uri)

export interface NamedCertificate {
  readonly hash: HashName
  readonly digest: Buffer
}

/** What the signature says of itself in properties that it covers. */
export interface SignedProperties {
  readonly signingTime: string | undefined
  /** The signer's certificate, by its digest; empty where none is named. */
  readonly signingCertificate: readonly NamedCertificate[]
}

/**
 * Reads the properties inside the given elements of the signature: all of them must be covered by a reference. Only the
 * first Cert of SigningCertificate is the signer's; the others are of its path (EN 319 132-1 §5.2.2).
 */
export function readSignedProperties(covered: readonly XmlElementNode[]): SignedProperties {
  let signingTime: string | undefined
  let holder: XmlElementNode | undefined
  for (const part of covered) {
    for (const element of elementsOf(part)) {
      if (element.local === 'SigningTime') signingTime ??= textOf(element)
      if (isXades(element) && /^SigningCertificate(?:V2)?$/.test(element.local)) holder ??= element
    }
  }
  const digest = holder && childElements(childElements(holder)[0] ?? holder).find(isDigest)
  return { signingTime, signingCertificate: digest === undefined ? [] : certDigest(digest) }
}

const isDigest = ({ local }: XmlElementNode): boolean => local === 'CertDigest'

const textOf = (element: XmlElementNode): string | undefined =>
  element.children.every(({ kind }) => kind === 'text') ? plainText(element).trim() : undefined

/** One that cannot be read names a certificate that nobody has. */
function certDigest(element: XmlElementNode): NamedCertificate[] {
  const [method, value] = childElements(element)
  const hash = method && hashByXml(attributeOf(method, 'Algorithm') ?? '')
  const digest = value && decodeBase64(textOf(value) ?? '?')
  return [{ hash: hash ?? 'sha256', digest: (hash && digest) ?? Buffer.alloc(0) }]
}

/** The unsigned properties of a signature, in their order; those of countersignatures inside are not among them. */
export function unsignedProperties(signature: XmlElementNode): XmlElementNode[] {
  return childElements(signature)
    .filter((child) => isDsig(child, 'Object'))
    .flatMap((object) => inside([object], 'QualifyingProperties'))
    .flatMap((qualifying) => inside([qualifying], 'UnsignedProperties'))
    .flatMap((unsigned) => inside([unsigned], 'UnsignedSignatureProperties'))
    .flatMap(childElements)
}

const inside = (parents: readonly XmlElementNode[], name: string): XmlElementNode[] =>
  parents.flatMap(childElements).filter((one) => one.local === name && isXades(one))
