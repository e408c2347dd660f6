import type { XmlElementNode } from '../../xml/nodes.ts'
import { invalid, unverifiable } from '../checks.ts'

export { MAX_XML_BYTES } from './xml-parse.ts'

export const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
export const DSIG_11 = 'http://www.w3.org/2009/xmldsig11#'

export const isDsig = (element: XmlElementNode, name: string): boolean =>
  element.local === name && element.uri === DSIG

/**
 * The text of an element that must hold text alone: a comment or a processing instruction in between would let two
 * readers see two texts.
 * @throws SignatureStop `unverifiable`
 */
export function plainText(element: XmlElementNode): string {
  let text = ''
  for (const node of element.children) {
    if (node.kind !== 'text') throw unverifiable('form', 'signature-malformed', element.local)
    text += node.value
  }
  return text
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Decodes xsd:base64Binary. @throws SignatureStop `invalid` where it is not, so that one value has one spelling */
export function base64Of(element: XmlElementNode): Buffer {
  const bytes = decodeBase64(plainText(element))
  if (bytes === undefined) throw invalid('form', 'signature-malformed', element.local)
  return bytes
}

/** Strict but for white space; undefined where it is no base64. */
export function decodeBase64(written: string): Buffer | undefined {
  const text = /[\t\n\r ]/.test(written) ? written.replace(/[\t\n\r ]+/g, '') : written
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
