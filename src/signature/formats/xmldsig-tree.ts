import { ParseOption, XmlCData, XmlDocument, XmlElement, XmlParseError, XmlText } from 'libxml2-wasm'
import { invalid, unverifiable } from '../checks.ts'

export const DSIG = 'http://www.w3.org/2000/09/xmldsig#'

/**
 * The largest XML that a signature check reads into memory, in bytes. One text of it may have at most 10 MB.
 * Checking what is larger is left undone and said so.
 */
export const MAX_XML_BYTES = 16 * 1024 * 1024

/**
 * Parses untrusted XML, hands the tree to `work` and frees it. Entities, DTDs and the network stay out: a DOCTYPE is
 * refused before the parser sees it, and only UTF-8 is read, so that the search for it cannot be deceived.
 * @throws SignatureStop `unverifiable` where the bytes are not read
 */
export function withXml<T>(bytes: Uint8Array, work: (document: XmlDocument) => T): T {
  if (bytes.length > MAX_XML_BYTES)
    throw unverifiable('form', 'xml-too-large', `${bytes.length} > ${MAX_XML_BYTES}`)
  refuseProlog(bytes)
  const document = parse(bytes)
  try {
    if (document.dtd !== null) throw unverifiable('form', 'xml-doctype')
    return work(document)
  } finally {
    document.dispose()
  }
}

function parse(bytes: Uint8Array): XmlDocument {
  const option =
    ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_NO_SYS_CATALOG
  try {
    return XmlDocument.fromBuffer(bytes, { option })
  } catch (error) {
    if (error instanceof XmlParseError) throw unverifiable('form', 'xml-unreadable', error.message.trim())
    throw error
  }
}

const DECLARED_ENCODING = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/
const PROLOG_ITEM = /^(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)/

function refuseProlog(bytes: Uint8Array): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = text.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0
  const head = text.subarray(start, start + 64 * 1024).toString('latin1')
  if (head.slice(0, 4).includes('\0') || /^(?:\xff\xfe|\xfe\xff)/.test(head))
    throw unverifiable('form', 'xml-encoding')
  const encoding = DECLARED_ENCODING.exec(head)?.[1]
  if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding))
    throw unverifiable('form', 'xml-encoding', encoding)
  let rest = head
  for (let item = PROLOG_ITEM.exec(rest); item !== null; item = PROLOG_ITEM.exec(rest))
    rest = rest.slice(item[0].length)
  if (!/^<[^!?]/.test(rest)) throw unverifiable('form', 'xml-doctype')
}

/** The child elements, in document order. */
export function childElements(parent: XmlElement): XmlElement[] {
  const found: XmlElement[] = []
  for (let node = parent.firstChild; node !== null; node = node.next) {
    if (node instanceof XmlElement) found.push(node)
  }
  return found
}

export const isDsig = (element: XmlElement, name: string): boolean =>
  element.name === name && element.namespaceUri === DSIG

export const isInside = (element: XmlElement, ancestor: XmlElement): boolean => {
  for (let node: XmlElement | null = element; node !== null; node = node.parent) {
    if (node.isSameNode(ancestor)) return true
  }
  return false
}

/**
 * The text of an element that must hold text alone: a comment or a processing instruction in between would let two
 * readers see two texts.
 * @throws SignatureStop `unverifiable`
 */
export function plainText(element: XmlElement): string {
  let text = ''
  for (let node = element.firstChild; node !== null; node = node.next) {
    if (!(node instanceof XmlText || node instanceof XmlCData))
      throw unverifiable('form', 'signature-malformed', element.name)
    text += node.content
  }
  return text
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Decodes xsd:base64Binary. @throws SignatureStop `invalid` where it is not, so that one value has one spelling */
export function base64Of(element: XmlElement): Buffer {
  const text = plainText(element).replace(/[\t\n\r ]/g, '')
  const bytes = Buffer.from(text, 'base64')
  if (!BASE64.test(text) || bytes.toString('base64') !== text)
    throw invalid('form', 'signature-malformed', element.name)
  return bytes
}
