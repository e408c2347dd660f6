import type { Fault } from '../domain/fault.ts'
import { fault } from './fault-catalogue.ts'
import { refusal } from './refuse.ts'

/** How far into a packet its XML may begin, in bytes. */
export const PROLOG_BYTES = 1024

/** As many bytes of a declaration are read: one that reaches this is refused, for its end was not. */
export const DECLARATION_BYTES = 128

export interface Prolog {
  /** Bytes before the XML. */
  readonly skip: number
  readonly faults: readonly Fault[]
}

const LESS_THAN = 60
const LINE_FEED = 10
const DECLARATION = /^<\?xml[ \t\r\n]/
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Finds where the XML begins. A byte order mark, and stray bytes before `<?xml`, stand in packets that the axis
 * operator published: they are passed over with a warning, since nothing in them can be mistaken for content.
 * @throws GatewayError `packet-refused` for UTF-16 and UTF-32
 */
export function inspectProlog(head: Buffer): Prolog {
  refuseWideEncodings(head)
  // Never further than this, however much of the packet has arrived: chunks must not decide.
  const window = head.subarray(0, PROLOG_BYTES)
  const marked = window.subarray(0, 3).equals(BOM)
  const bom = marked ? BOM.length : 0
  const warnings = marked ? [fault('byte-order-mark', { line: 1, found: 'EF BB BF' })] : []
  const start = window.indexOf(LESS_THAN)
  if (start <= bom || !DECLARATION.test(window.toString('latin1', start, start + 6))) {
    return { skip: bom, faults: warnings }
  }
  const stray = window.subarray(bom, start)
  return {
    skip: start,
    faults: [...warnings, fault('bytes-before-prolog', { line: 1, found: stray.toString('latin1') })],
  }
}

export const countLineFeeds = (bytes: Uint8Array): number => {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1
  return count
}

/** XML 1.0 appendix F: in every encoding of two or four bytes a zero byte stands among the first two. */
function refuseWideEncodings(head: Buffer): void {
  const [first, second] = head
  const wide =
    first === 0 || second === 0 || (first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)
  if (wide)
    throw refusal('packet-refused', 'encoding-not-utf8', { line: 1, found: head.toString('hex', 0, 4) })
}

const VERSION = /\sversion\s*=\s*["']([^"']*)["']/
const ENCODING = /\sencoding\s*=\s*["']([^"']*)["']/

/**
 * Checks the text between `<?` and `?>` of an XML declaration, of which no more than `DECLARATION_BYTES` were kept.
 * @throws GatewayError `packet-refused`
 */
export function checkDeclaration(text: string): void {
  if (text.length >= DECLARATION_BYTES) {
    const expected = `< ${DECLARATION_BYTES} bytes`
    throw refusal('packet-refused', 'declaration-too-long', { line: 1, found: text, expected })
  }
  const version = VERSION.exec(text)?.[1]
  if (version !== undefined && version !== '1.0') {
    throw refusal('packet-refused', 'xml-version-unsupported', { line: 1, found: version, expected: '1.0' })
  }
  const encoding = ENCODING.exec(text)?.[1]
  if (encoding !== undefined && encoding.toUpperCase() !== 'UTF-8') {
    throw refusal('packet-refused', 'encoding-not-utf8', { line: 1, found: encoding, expected: 'UTF-8' })
  }
}
