/*
 * A part of XML 1.0 and Namespaces in XML 1.0 that can be told to be well-formed while it is read, with room to spare:
 * what most packets are written in. What lies outside it is not wrong; another parser has to judge it.
 *
 * Text is looked at as its octets, one character each (latin1): what the rules speak of is ASCII.
 */

/** Longer texts, deeper elements and longer names come near to bounds of libxml2, which are its own matter. */
const MAX_LENGTH = 1024 * 1024
export const MAX_PLAIN_DEPTH = 200
export const MAX_PLAIN_ATTRIBUTES = 16
const MAX_NAME = 200

const DECLARATION =
  /^<\?xml version="1\.0"(?: encoding="[Uu][Tt][Ff]-8")?(?: standalone="(?:yes|no)")?[ \n]?\?>/
const OTHER_REFERENCE = /&(?!(?:amp|lt|gt|quot|apos);)/

/**
 * Where what stands behind the XML declaration begins; undefined where the text is not plain for something that can be
 * seen without its structure, such as what is no Char (XML 1.0 §2.2).
 * @param bytes well-formed UTF-8, line ends made one
 * @param text the same, one character for each octet
 */
export function plainStart(bytes: Uint8Array, text: string): number | undefined {
  const isPlain =
    bytes.length <= MAX_LENGTH &&
    !text.includes(']]>') &&
    !(text.includes('&') && OTHER_REFERENCE.test(text)) &&
    !holdsNonCharacter(text) &&
    !holdsControl(bytes)
  if (!isPlain) return undefined
  return text.startsWith('<?') ? DECLARATION.exec(text)?.[0].length : 0
}

/** U+FFFE and U+FFFF, in UTF-8. */
const holdsNonCharacter = (text: string): boolean =>
  text.includes('\xef\xbf\xbe') || text.includes('\xef\xbf\xbf')

const isControl = (byte: number): boolean => byte < 0x20 && byte !== 0x0a && byte !== 0x09

/** Whether a control character but tab and line feed is there. Most octets are looked at in words of four. */
function holdsControl(bytes: Uint8Array): boolean {
  const { buffer, byteOffset, length } = bytes
  const first = Math.min(length, (4 - (byteOffset & 3)) & 3)
  const words = new Int32Array(buffer, byteOffset + first, (length - first) >> 2)
  for (let at = 0; at < first; at++) if (isControl(bytes[at]!)) return true
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!
    // A word with an octet below 0x20; now and then one without, by a borrow, and never the other way round.
    if (((word - 0x20202020) & ~word & 0x80808080) === 0) continue
    const from = first + 4 * index
    for (let at = from; at < from + 4; at++) if (isControl(bytes[at]!)) return true
  }
  for (let at = first + 4 * words.length; at < length; at++) if (isControl(bytes[at]!)) return true
  return false
}

/** NCName, or two with a colon in between, in ASCII. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?$/

/** Of an element or an attribute: a plain QName outside the reserved prefixes. */
export const isPlainName = (name: string): boolean =>
  name.length <= MAX_NAME && NAME.test(name) && !/^xml(?:ns)?(?::|$)/i.test(name)

/** Of a declaration: `xmlns`, or `xmlns:` and a prefix that is not reserved. */
export const isPlainDeclaration = (name: string): boolean =>
  name === 'xmlns' || (name.length <= MAX_NAME && /^xmlns:(?!xml)[a-z_][a-z0-9_.-]*$/i.test(name))

const NAMESPACE =
  /^(?:https?:\/\/[A-Za-z0-9.-]+(?:\/[A-Za-z0-9._~-]*)*(?:#[A-Za-z0-9._~-]*)?|urn:[A-Za-z0-9][A-Za-z0-9:._-]*)$/

/** Absolute, of a usual shape, and none of those that belong to XML itself. */
export const isPlainNamespace = (uri: string): boolean =>
  uri.length <= MAX_NAME && NAMESPACE.test(uri) && !/^http:\/\/www\.w3\.org\/(?:XML|2000\/xmlns)/.test(uri)
