/**
 * A reader of BER (X.690) that keeps the bytes as they stood: what is signed are bytes, not their meaning. Children
 * are read when asked for. Indefinite lengths, constructed strings and lengths longer than needed are read; DER is a
 * subset.
 */
export interface Ber {
  /** 0 universal, 1 application, 2 context, 3 private. */
  readonly tagClass: number
  readonly tag: number
  readonly constructed: boolean
  readonly indefinite: boolean
  /** The whole, with tag, length and, where the length is indefinite, the end-of-contents octets. */
  readonly raw: Uint8Array
  readonly content: Uint8Array
}

/** Bytes that are no BER where BER should be. */
export class BerError extends Error {}

const MAX_DEPTH = 64
const MAX_CHILDREN = 10_000
const MAX_PIECES = 500_000
const CONTEXT = 2

export const TAG = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  null: 5,
  oid: 6,
  enumerated: 10,
  utf8String: 12,
  sequence: 16,
  set: 17,
  utcTime: 23,
  generalizedTime: 24,
} as const

interface Header {
  readonly tagClass: number
  readonly tag: number
  readonly constructed: boolean
  /** Undefined where the length is indefinite. */
  readonly length: number | undefined
  /** Where the contents begin. */
  readonly start: number
}

/**
 * Reads one value; what follows it is left alone.
 * @throws BerError where the bytes are no BER
 */
export function readBer(bytes: Uint8Array, at = 0): Ber {
  return valueAt(bytes, at, bytes.length, newScan())
}

/** What a look for the ends of indefinite lengths has found and may still cost. Nested ones are found together. */
interface Scan {
  /** Where contents begin, to where they end. */
  readonly ends: Map<number, number>
  left: number
}

const newScan = (): Scan => ({ ends: new Map(), left: MAX_PIECES })

/** A value by where it lies: most are never looked at, and a view of each would cost more than reading it. */
class Value implements Ber {
  readonly tagClass: number
  readonly tag: number
  readonly constructed: boolean
  readonly indefinite: boolean
  readonly bytes: Uint8Array
  readonly at: number
  readonly start: number
  /** Where the contents end. */
  readonly end: number
  readonly scan: Scan
  #raw: Uint8Array | undefined
  #content: Uint8Array | undefined

  constructor(bytes: Uint8Array, at: number, header: Header, end: number, scan: Scan) {
    this.tagClass = header.tagClass
    this.tag = header.tag
    this.constructed = header.constructed
    this.indefinite = header.length === undefined
    this.bytes = bytes
    this.at = at
    this.start = header.start
    this.end = end
    this.scan = scan
  }

  get after(): number {
    return this.indefinite ? this.end + 2 : this.end
  }

  get raw(): Uint8Array {
    this.#raw ??= this.bytes.subarray(this.at, this.after)
    return this.#raw
  }

  get content(): Uint8Array {
    this.#content ??= this.bytes.subarray(this.start, this.end)
    return this.#content
  }
}

function valueAt(bytes: Uint8Array, at: number, limit: number, scan: Scan): Value {
  const header = headerAt(bytes, at, limit)
  const { length, start } = header
  if (header.tagClass === 0) checkUniversal(header)
  const end = length === undefined ? endOfContents(bytes, start, limit, scan, 1) : start + length
  return new Value(bytes, at, header, end, scan)
}

/** Of these kinds a value never has values inside, or always has. */
const PRIMITIVE: ReadonlySet<number> = new Set([TAG.boolean, TAG.integer, TAG.null, TAG.oid, TAG.enumerated])
const CONSTRUCTED: ReadonlySet<number> = new Set([TAG.sequence, TAG.set])

/** X.690 §8.1.5, §8.2 to §8.4, §8.8 to §8.12, §8.19. */
function checkUniversal({ tag, constructed, length }: Header): void {
  if (tag === 0) throw new BerError('not BER: an end of contents without a beginning')
  if (tag === TAG.null && length !== 0) throw new BerError('not BER: a NULL with contents')
  if (constructed ? PRIMITIVE.has(tag) : CONSTRUCTED.has(tag))
    throw new BerError(`not BER: a ${constructed ? 'constructed' : 'primitive'} value of tag ${tag}`)
}

function headerAt(bytes: Uint8Array, at: number, limit: number): Header {
  const first = byteAt(bytes, at, limit)
  let start = at + 1
  let tag = first & 0x1f
  if (tag === 0x1f) {
    tag = 0
    let more: number
    do {
      more = byteAt(bytes, start++, limit)
      tag = tag * 128 + (more & 0x7f)
      if (tag > 0xffffff) throw new BerError('not BER: tag')
    } while ((more & 0x80) !== 0)
  }
  const constructed = (first & 0x20) !== 0
  const lead = byteAt(bytes, start++, limit)
  if (lead === 0x80) {
    if (!constructed) throw new BerError('not BER: indefinite length of a primitive value')
    return { tagClass: first >> 6, tag, constructed, length: undefined, start }
  }
  let length = lead
  if (lead > 0x80) {
    length = 0
    for (let left = lead & 0x7f; left > 0; left--) {
      length = length * 256 + byteAt(bytes, start++, limit)
      if (length > limit) throw new BerError('not BER: length')
    }
  }
  if (start + length > limit) throw new BerError('not BER: length')
  return { tagClass: first >> 6, tag, constructed, length, start }
}

function byteAt(bytes: Uint8Array, at: number, limit: number): number {
  const byte = bytes[at]
  if (byte === undefined || at >= limit) throw new BerError('not BER: cut off')
  return byte
}

/** Where the two zero octets stand that end an indefinite length. */
function endOfContents(bytes: Uint8Array, start: number, limit: number, scan: Scan, depth: number): number {
  const known = scan.ends.get(start)
  if (known !== undefined) return known
  if (depth > MAX_DEPTH) throw new BerError('not BER: too deep')
  let at = start
  while (byteAt(bytes, at, limit) !== 0 || byteAt(bytes, at + 1, limit) !== 0) {
    if (scan.left-- === 0) throw new BerError('too many values')
    const header = headerAt(bytes, at, limit)
    at =
      header.length === undefined
        ? endOfContents(bytes, header.start, limit, scan, depth + 1) + 2
        : header.start + header.length
  }
  scan.ends.set(start, at)
  return at
}

function* eachChild(node: Ber): Generator<Ber> {
  if (!node.constructed) return
  const { bytes, start, end, scan } = node instanceof Value ? node : whole(node.content)
  for (let at = start; at < end; ) {
    const child = valueAt(bytes, at, end, scan)
    yield child
    at = child.after
  }
}

const whole = (bytes: Uint8Array) => ({ bytes, start: 0, end: bytes.length, scan: newScan() })

/**
 * The values inside a constructed value; none for a primitive one.
 * @throws BerError where the contents are no BER
 */
export function childrenOf(node: Ber | undefined): readonly Ber[] {
  const found: Ber[] = []
  if (node === undefined) return found
  for (const child of eachChild(node)) {
    if (found.length === MAX_CHILDREN) throw new BerError('too many values')
    found.push(child)
  }
  return found
}

export const isUniversal = (node: Ber | undefined, tag: number): node is Ber =>
  node !== undefined && node.tagClass === 0 && node.tag === tag

export const isContext = (node: Ber | undefined, tag: number): node is Ber =>
  node !== undefined && node.tagClass === CONTEXT && node.tag === tag

/**
 * The fields of a SEQUENCE.
 * @throws BerError where it is none
 */
export function fieldsOf(node: Ber | undefined): readonly Ber[] {
  if (!isUniversal(node, TAG.sequence)) throw new BerError('not a SEQUENCE')
  return childrenOf(node)
}

/** The octets of an OCTET STRING, its pieces joined where it is constructed; undefined for anything else. */
export function octetsOf(node: Ber | undefined): Buffer | undefined {
  return isUniversal(node, TAG.octetString) ? joined(node) : undefined
}

/** The same for a value whose tag is another by IMPLICIT tagging. */
export function joined(node: Ber): Buffer {
  if (!node.constructed) return bufferOf(node.content)
  const pieces: Uint8Array[] = []
  collect(node, pieces, 0)
  return Buffer.concat(pieces)
}

function collect(node: Ber, into: Uint8Array[], depth: number): void {
  if (depth > MAX_DEPTH) throw new BerError('not BER: too deep')
  for (const child of eachChild(node)) {
    if (!isUniversal(child, TAG.octetString)) throw new BerError('not BER: a piece of another type')
    if (child.constructed) collect(child, into, depth + 1)
    else into.push(child.content)
    if (into.length > MAX_PIECES) throw new BerError('too many values')
  }
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** In dotted form; undefined for anything but a well-formed OBJECT IDENTIFIER. */
export function oidOf(node: Ber | undefined): string | undefined {
  if (!isUniversal(node, TAG.oid) || node.constructed) return undefined
  const arcs: number[] = []
  let arc = 0
  for (const [index, byte] of node.content.entries()) {
    if (arc === 0 && byte === 0x80) return undefined
    arc = arc * 128 + (byte & 0x7f)
    if (!Number.isSafeInteger(arc)) return undefined
    if ((byte & 0x80) === 0) {
      arcs.push(arc)
      arc = 0
    } else if (index === node.content.length - 1) return undefined
  }
  const [first, ...rest] = arcs
  if (first === undefined) return undefined
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - root * 40, ...rest].join('.')
}

/** An INTEGER or ENUMERATED of any size. */
export function integerOf(node: Ber | undefined): bigint | undefined {
  const isNumber = isUniversal(node, TAG.integer) || isUniversal(node, TAG.enumerated)
  return isNumber && !node.constructed ? signedOf(node.content) : undefined
}

/** Contents of an INTEGER: two's complement, big-endian. */
export function signedOf(content: Uint8Array): bigint | undefined {
  if (content.length === 0 || content.length > 1024) return undefined
  return BigInt.asIntN(content.length * 8, BigInt(`0x${bufferOf(content).toString('hex')}`))
}
