import { isUtf8 } from 'node:buffer'
import { ParseOption, XmlC14NMode, XmlDocument, XmlError } from 'libxml2-wasm'
import type { XmlRoot } from '../../xml/nodes.ts'
import { readPlainXml } from '../../xml/plain-read.ts'
import { unverifiable } from '../checks.ts'
import { decoded, onlyUtf8, toUtf8 } from './xml-encoding.ts'
import { readXml, XmlReadError } from './xml-read.ts'

/**
 * The largest XML that a signature check reads into memory, in bytes. One text of it may have at most 10 MB.
 * Checking what is larger is left undone and said so.
 */
export const MAX_XML_BYTES = 16 * 1024 * 1024

const OPTION =
  ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_NO_SYS_CATALOG

/**
 * Parses untrusted XML. What is plain all through is told to be well-formed as it is read; of all else libxml2 judges,
 * and the tree is then built from the same text.
 * Entities, DTDs and the network stay out: a DOCTYPE is refused before the parser sees it.
 * @throws SignatureStop `unverifiable` where the bytes are not read
 */
export function parseXml(bytes: Uint8Array, anyEncoding = true): XmlRoot {
  refuseLarge(bytes)
  const utf8 = anyEncoding ? toUtf8(bytes) : onlyUtf8(bytes)
  refuseDoctype(utf8)
  const plain = readPlainXml(utf8)
  if (plain !== undefined) return plain
  return withDocument(utf8, OPTION, (document) => {
    if (document.dtd !== null) throw unverifiable('form', 'xml-doctype')
    return plainText(utf8)
  })
}

/** The text that libxml2 has read, with line ends made one (XML 1.0 §2.11). U+0000 may have been the end to it. */
function plainText(utf8: Buffer): string {
  if (!isUtf8(utf8) || utf8.includes(0)) throw unverifiable('form', 'xml-encoding')
  const text = utf8.toString('utf8')
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

/**
 * The same for a file that its reader trusts so far: the internal subset of its DOCTYPE is obeyed, entities and default
 * attributes of it are put in; libxml2 bounds the expansion. An external entity is what `read` answers for its system
 * identifier. Entities that lie elsewhere by a URI, and every external subset, are left
 * out, as XML 1.0 §4.4.3 allows.
 * @throws SignatureStop `unverifiable` where the bytes, or an entity that should be at hand, are not read
 */
export function parseXmlWithDoctype(
  bytes: Uint8Array,
  read: (systemId: string) => Uint8Array | undefined = () => undefined,
): XmlRoot {
  refuseLarge(bytes)
  const option = OPTION | ParseOption.XML_PARSE_NOENT | ParseOption.XML_PARSE_DTDATTR
  // Line ends are made one before anything else (XML 1.0 §2.11); libxml2 forgets it inside entity values.
  const text = decoded(toUtf8(bytes), 'utf-8').replace(/\r\n?/g, '\n')
  // Canonical octets hold no DOCTYPE.
  return withDocument(Buffer.from(withEntities(text, read)), option, (document) =>
    document.canonicalizeToString({ mode: XmlC14NMode.XML_C14N_1_0, withComments: true }),
  )
}

const EXTERNAL_ENTITY =
  /<!ENTITY\s+([^\s%"']+)\s+(?:SYSTEM|PUBLIC\s+(?:"[^"]*"|'[^']*'))\s+(?:"([^"]*)"|'([^']*)')\s*>/g
/** More than a file beside a document to be canonicalised holds. */
const MAX_ENTITY_BYTES = 1024 * 1024

/** Declares external entities by what they hold: references in it are escaped once, for they are read at their use. */
function withEntities(text: string, read: (systemId: string) => Uint8Array | undefined): string {
  if (!text.includes('<!DOCTYPE')) return text
  return text.replace(EXTERNAL_ENTITY, (declaration, name: string, double?: string, single?: string) => {
    if (!text.includes(`&${name};`)) return declaration
    const systemId = double ?? single ?? ''
    const bytes = read(systemId)
    // What lies elsewhere is never fetched, and may be left out; a file that should be at hand and is not, may not.
    if (bytes === undefined && /^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(systemId)) return declaration
    if (bytes === undefined || bytes.length > MAX_ENTITY_BYTES)
      throw unverifiable('form', 'xml-unreadable', `entity ${name}`)
    const content = decoded(toUtf8(bytes), 'utf-8')
      .replace(/^<\?xml[^>]*\?>/, '')
      .replace(/\r\n?/g, '\n')
    return `<!ENTITY ${name} "${content.replace(/[%&"]/g, (char) => `&#${char.charCodeAt(0)};`)}">`
  })
}

function refuseLarge(bytes: Uint8Array): void {
  if (bytes.length > MAX_XML_BYTES)
    throw unverifiable('form', 'xml-too-large', `${bytes.length} > ${MAX_XML_BYTES}`)
}

function withDocument(utf8: Uint8Array, option: number, write: (document: XmlDocument) => string): XmlRoot {
  try {
    const document = XmlDocument.fromBuffer(utf8, { option, encoding: 'utf-8' })
    try {
      return readXml(write(document))
    } finally {
      document.dispose()
    }
  } catch (error) {
    if (error instanceof XmlError || error instanceof XmlReadError)
      throw unverifiable('form', 'xml-unreadable', error.message.trim())
    throw error
  }
}

const PROLOG_ITEM = /(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)/y

/** What stands before the root element may be white space, comments and instructions of 64 KiB together. */
function refuseDoctype(utf8: Uint8Array): void {
  const head = Buffer.from(utf8.buffer, utf8.byteOffset, Math.min(utf8.byteLength, 64 * 1024)).toString(
    'latin1',
  )
  let at = 0
  PROLOG_ITEM.lastIndex = 0
  while (PROLOG_ITEM.test(head)) {
    at = PROLOG_ITEM.lastIndex
    PROLOG_ITEM.lastIndex = at
  }
  if (!/^<[^!?]/.test(head.slice(at, at + 2))) throw unverifiable('form', 'xml-doctype')
}
