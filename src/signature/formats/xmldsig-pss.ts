import { attributeOf, childElements, type XmlElementNode } from '../../xml/nodes.ts'
import { hashByXml, type SignatureAlgorithm } from '../algorithms.ts'
import { unverifiable } from '../checks.ts'

const MORE = 'http://www.w3.org/2007/05/xmldsig-more#'
const DIGEST_BYTES: Readonly<Record<string, number>> = {
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
}

/**
 * RSASSA-PSS with parameters (RFC 9231 §2.3.9); undefined where the method is another one. The mask must be made with
 * the same hash, and the trailer must be 1, as everywhere.
 * @throws SignatureStop `unverifiable`
 */
export function readPss(method: XmlElementNode, uri: string): SignatureAlgorithm | undefined {
  if (uri !== `${MORE}rsa-pss`) return undefined
  const refused = unverifiable('algorithm', 'algorithm-refused', uri)
  const [parameters] = childElements(method)
  if (parameters === undefined) return { family: 'rsa-pss', hash: 'sha256', saltLength: 32 }
  const part = (name: string) => childElements(parameters).find(({ local }) => local === name)
  const hash = hashOf(part('DigestMethod'), 'sha256')
  const mask = part('MaskGenerationFunction')
  const maskHash = mask === undefined ? hash : hashOf(childElements(mask)[0], hash)
  const trailer = part('TrailerField')
  if (hash === undefined || maskHash !== hash || (trailer !== undefined && textOf(trailer) !== '1'))
    throw refused
  const salt = part('SaltLength')
  const saltLength = salt === undefined ? DIGEST_BYTES[hash] : Number(textOf(salt))
  if (saltLength === undefined || !Number.isInteger(saltLength) || saltLength < 0 || saltLength > 512)
    throw refused
  return { family: 'rsa-pss', hash, saltLength }
}

const hashOf = (element: XmlElementNode | undefined, otherwise: ReturnType<typeof hashByXml>) =>
  element === undefined ? otherwise : hashByXml(attributeOf(element, 'Algorithm') ?? '')

const textOf = ({ children }: XmlElementNode): string =>
  children
    .map((node) => (node.kind === 'text' ? node.value : '?'))
    .join('')
    .trim()
