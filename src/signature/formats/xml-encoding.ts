import { unverifiable } from '../checks.ts'

const DECLARED = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/
const HEAD = 1024
const UTF_8 = /^(?:utf-8|us-ascii)$/

/** Encodings that ICU and libxml2 read alike, by their IANA names in lower case; the labels are those of WHATWG. */
const SINGLE_BYTE: Readonly<Record<string, string>> = Object.fromEntries([
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) => [`iso-8859-${part}`, `iso-8859-${part}`]),
  ...[1250, 1251, 1252, 1253, 1254, 1257, 1258].map((page) => [`windows-${page}`, `windows-${page}`]),
])

/**
 * Brings an XML file into UTF-8 without a byte order mark, by its byte order mark or its declaration (XML 1.0 §4.3.3, appendix F).
 * @throws SignatureStop `unverifiable` for other encodings, for malformed bytes and where mark and declaration differ
 */
export function toUtf8(bytes: Uint8Array): Buffer {
  const buffer = bufferOf(bytes)
  return utf8In(buffer) ?? transcoded(buffer)
}

/** The same for files that must be UTF-8 to begin with. @throws SignatureStop `unverifiable` */
export function onlyUtf8(bytes: Uint8Array): Buffer {
  const utf8 = utf8In(bufferOf(bytes))
  if (utf8 === undefined) throw unverifiable('form', 'xml-encoding')
  return utf8
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The file itself without its byte order mark; undefined where it is in another encoding. */
function utf8In(buffer: Buffer): Buffer | undefined {
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf)
    return checkedUtf8(buffer.subarray(3), declaredIn(buffer.subarray(3)))
  if (utf16Of(buffer) !== undefined) return undefined
  if (buffer.subarray(0, 4).includes(0)) throw unverifiable('form', 'xml-encoding')
  const declared = declaredIn(buffer)
  return declared === undefined || UTF_8.test(declared) ? buffer : undefined
}

function transcoded(buffer: Buffer): Buffer {
  const utf16 = utf16Of(buffer)
  if (utf16 !== undefined) return fromUtf16(buffer, utf16)
  const declared = declaredIn(buffer) ?? ''
  if (declared === 'iso-8859-1') return Buffer.from(buffer.toString('latin1'))
  const label = Object.hasOwn(SINGLE_BYTE, declared) ? SINGLE_BYTE[declared] : undefined
  if (label === undefined) throw unverifiable('form', 'xml-encoding', declared)
  return Buffer.from(decoded(buffer, label))
}

function utf16Of(buffer: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return 'utf-16le'
  return buffer[0] === 0xfe && buffer[1] === 0xff ? 'utf-16be' : undefined
}

const declaredIn = (buffer: Buffer): string | undefined =>
  DECLARED.exec(buffer.subarray(0, HEAD).toString('latin1'))?.[1]?.toLowerCase()

function checkedUtf8(buffer: Buffer, declared: string | undefined): Buffer {
  if (declared !== undefined && !UTF_8.test(declared)) throw unverifiable('form', 'xml-encoding', declared)
  return buffer
}

function fromUtf16(buffer: Buffer, label: 'utf-16le' | 'utf-16be'): Buffer {
  const text = decoded(buffer, label)
  const declared = DECLARED.exec(text.slice(0, HEAD))?.[1]?.toLowerCase()
  if (declared !== undefined && declared !== 'utf-16' && declared !== label)
    throw unverifiable('form', 'xml-encoding', declared)
  return Buffer.from(text)
}

/** @throws SignatureStop `unverifiable` for malformed bytes */
export function decoded(buffer: Buffer, label: string): string {
  try {
    return new TextDecoder(label, { fatal: true }).decode(buffer)
  } catch {
    throw unverifiable('form', 'xml-encoding', label)
  }
}
