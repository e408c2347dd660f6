import { isUtf8 } from 'node:buffer'
import { ParseOption, XmlCData, XmlDocument, XmlElement, XmlParseError, XmlText } from 'libxml2-wasm'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import type { Element } from './element.ts'
import { fault } from './fault-catalogue.ts'
import { SUPPLIED_PREFIXES } from './names.ts'
import { countLineFeeds } from './prolog.ts'
import { refusal } from './refuse.ts'
import { receivedLine, type Skeleton } from './skeleton.ts'

/** The lexer has read the declaration: nothing in it may make libxml2 read other characters than those of UTF-8. */
const OPTIONS =
  ParseOption.XML_PARSE_IGNORE_ENC |
  ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NO_SYS_CATALOG |
  ParseOption.XML_PARSE_BIG_LINES

const UNDECLARED = /^Namespace prefix (\S+) .*is not defined/
const UNDEFINED_ENTITY = /^Entity '.*' not defined/

export interface ReadSkeleton {
  readonly root: Element
  readonly faults: readonly Fault[]
  /** Whether every prefix is declared: what canonicalisation needs. */
  readonly namespaceWellFormed: boolean
}

/**
 * Parses a skeleton strictly. Where a packet leaves one of `SUPPLIED_PREFIXES` undeclared, the declaration is supplied
 * for reading, and a warning says so.
 * @throws GatewayError `packet-malformed` with line and column, `packet-refused` for entities
 */
export function readSkeleton(skeleton: Skeleton): ReadSkeleton {
  refuseInvalidUtf8(skeleton)
  const supplied = new Map<string, Fault>()
  for (;;) {
    try {
      const root = parse(declare(skeleton.bytes, [...supplied.keys()]), skeleton)
      return { root, faults: [...supplied.values()], namespaceWellFormed: supplied.size === 0 }
    } catch (error) {
      if (!(error instanceof XmlParseError)) throw error
      const before = supplied.size
      if (!collectUndeclared(error, skeleton, supplied) || supplied.size === before) {
        throw malformed(error, skeleton)
      }
    }
  }
}

/** Whether undeclared prefixes that can be supplied are all that is wrong; libxml2 tells of the first hundred. */
function collectUndeclared(error: XmlParseError, skeleton: Skeleton, supplied: Map<string, Fault>): boolean {
  for (const detail of error.details) {
    const prefix = UNDECLARED.exec(detail.message)?.[1]
    if (prefix === undefined || !Object.hasOwn(SUPPLIED_PREFIXES, prefix)) return false
    if (supplied.has(prefix)) continue
    const line = receivedLine(skeleton, detail.line)
    const expected = `xmlns:${prefix}="${SUPPLIED_PREFIXES[prefix]}"`
    supplied.set(prefix, fault('prefix-undeclared', { line, found: `${prefix}:`, expected }))
  }
  return error.details.length > 0
}

function parse(bytes: Uint8Array, skeleton: Skeleton): Element {
  const document = XmlDocument.fromBuffer(bytes, { option: OPTIONS })
  try {
    return toElement(document.root, null, skeleton)
  } finally {
    document.dispose()
  }
}

function toElement(node: XmlElement, parent: Element | null, skeleton: Skeleton): Element {
  const children: Element[] = []
  const element = {
    name: node.name,
    namespace: node.namespaceUri,
    line: receivedLine(skeleton, node.line),
    text: '',
    attributes: node.attrs.map(({ name, value }) => ({ name, value })),
    interrupted: false,
    parent,
    children,
  }
  for (let child = node.firstChild; child !== null; child = child.next) {
    if (child instanceof XmlElement) children.push(toElement(child, element, skeleton))
    else if (child instanceof XmlText || child instanceof XmlCData) element.text += child.content
    else element.interrupted = true
  }
  element.text = element.text.trim()
  return element
}

/** Supplies declarations in the start tag of the root, on whose line nothing moves but columns. */
function declare(bytes: Uint8Array, prefixes: readonly string[]): Uint8Array {
  if (prefixes.length === 0) return bytes
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = rootNameEnd(text)
  const declarations = prefixes.map((prefix) => ` xmlns:${prefix}="${SUPPLIED_PREFIXES[prefix]}"`)
  return Buffer.concat([text.subarray(0, at), Buffer.from(declarations.join('')), text.subarray(at)])
}

const standsAt = (text: Buffer, word: string, at: number): boolean =>
  text.toString('latin1', at, at + word.length) === word

/** Where the name of the root ends in bytes that libxml2 found well-formed but for their prefixes. */
function rootNameEnd(text: Buffer): number {
  let at = text.indexOf('<')
  while (standsAt(text, '<!--', at) || standsAt(text, '<?', at)) {
    at = text.indexOf('<', text.indexOf(standsAt(text, '<?', at) ? '?>' : '-->', at + 2))
  }
  while (!/[\s/>]/.test(String.fromCharCode(text[at] ?? 62))) at += 1
  return at
}

function malformed(error: XmlParseError, skeleton: Skeleton): GatewayError {
  const entity = error.details.find((detail) => UNDEFINED_ENTITY.test(detail.message))
  if (entity !== undefined) {
    const line = receivedLine(skeleton, entity.line)
    return refusal('packet-refused', 'entity-forbidden', { line, found: entity.message.trim() })
  }
  const faults = error.details.map((detail) => {
    const line = receivedLine(skeleton, detail.line)
    return fault('xml-not-well-formed', { line, found: `column ${detail.col}: ${detail.message.trim()}` })
  })
  const unexplained = [fault('xml-not-well-formed', { found: error.message })]
  return new GatewayError('packet-malformed', {
    faults: faults.length > 0 ? faults : unexplained,
    cause: error,
  })
}

function refuseInvalidUtf8(skeleton: Skeleton): void {
  if (isUtf8(skeleton.bytes)) return
  let valid = 0
  let invalid = skeleton.bytes.length
  // A prefix may end within a character, so the search goes by whole lines.
  for (let end = skeleton.bytes.indexOf(10); end >= 0; end = skeleton.bytes.indexOf(10, end + 1)) {
    if (isUtf8(skeleton.bytes.subarray(valid, end))) valid = end + 1
    else {
      invalid = end
      break
    }
  }
  const line = receivedLine(
    skeleton,
    1 + countLineFeeds(skeleton.bytes.subarray(0, Math.min(valid, invalid))),
  )
  throw refusal('packet-malformed', 'utf8-invalid', { line })
}
