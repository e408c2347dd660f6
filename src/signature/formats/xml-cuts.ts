import type { XmlCut } from '../../xml/nodes.ts'
import { type ByteSource, chunksOf } from '../byte-source.ts'

/** Shorter texts are read with the rest, in bytes. */
export const LEAST_CUT = 64 * 1024

const LF = 10
const CR = 13
const AMPERSAND = 38
const SEMICOLON = 59
const LT = 60
const GT = 62

const TEXT = 1
const SPACE = 2
const KIND = new Uint8Array(256)
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/='))
  KIND[byte] = TEXT
for (const byte of Buffer.from(' \t\r\n')) KIND[byte] = SPACE

/** Whether two bytes, read as one number, are both of some kind: a long text is gone through pair by pair. */
const PAIRS = new Uint8Array(0x10000)
for (let pair = 0; pair < PAIRS.length; pair++)
  PAIRS[pair] = KIND[pair & 0xff] !== 0 && KIND[pair >> 8] !== 0 ? 1 : 0

/** White space as a character reference: serialisers write the CR of a MIME line break so. */
const REFERENCE = /^&#(?:0*(9|10|13|32)|x0*(9|[aA]|[dD]|20));$/
const LONGEST_REFERENCE = 10

/** Finds the texts of an XML file that are base64 all through, between `>` and `<`, and at least `least` bytes long. */
export async function findCuts(source: ByteSource, least: number): Promise<readonly XmlCut[]> {
  const finder = new CutFinder(least)
  for await (const chunk of chunksOf(source)) finder.feed(chunk)
  return finder.found
}

class CutFinder {
  readonly found: XmlCut[] = []
  readonly #least: number
  /** Bytes before the present chunk. */
  #offset = 0
  /** Where the present text began; -1 where none is looked at. */
  #start = -1
  #hasText = false
  #isVerbatim = true
  /** A character reference so far. */
  #reference = ''

  constructor(least: number) {
    this.#least = least
  }

  feed(chunk: Uint8Array): void {
    const pairs = pairsOf(chunk)
    let at = 0
    while (at < chunk.length) {
      if (this.#start < 0) {
        const found = chunk.indexOf(GT, at)
        if (found < 0) break
        at = found + 1
        this.#begin(this.#offset + at)
      } else if (this.#reference !== '') this.#refer(chunk[at]!, this.#offset + at++)
      else {
        const from = at
        at = kindEnd(chunk, pairs, from)
        if (at > from) this.#note(chunk.subarray(from, at))
        if (at < chunk.length) this.#end(chunk[at]!, this.#offset + at++)
      }
    }
    this.#offset += chunk.length
  }

  #begin(start: number): void {
    this.#start = start
    this.#hasText = false
    this.#isVerbatim = true
    this.#reference = ''
  }

  #note(piece: Uint8Array): void {
    this.#hasText ||= piece.some((byte) => KIND[byte] === TEXT)
    if (this.#isVerbatim && piece.includes(CR)) this.#isVerbatim = false
  }

  /** A byte that no base64 holds: the text ends properly, goes on with a reference, or is no text to be cut. */
  #end(byte: number, at: number): void {
    if (byte === AMPERSAND) {
      this.#isVerbatim = false
      this.#reference = '&'
      return
    }
    // White space alone may be more than text: what stands outside the root.
    if (byte === LT && this.#hasText && at - this.#start >= this.#least)
      this.found.push({ start: this.#start, end: at, isVerbatim: this.#isVerbatim })
    this.#start = -1
    if (byte === GT) this.#begin(at + 1)
  }

  #refer(byte: number, at: number): void {
    this.#reference += String.fromCharCode(byte)
    if (byte === SEMICOLON && REFERENCE.test(this.#reference)) this.#reference = ''
    else if (byte === SEMICOLON || byte === GT || this.#reference.length > LONGEST_REFERENCE) {
      this.#start = -1
      if (byte === GT) this.#begin(at + 1)
    }
  }
}

/** Empty where the bytes do not lie so that they can be read by pairs. */
const pairsOf = ({ buffer, byteOffset, length }: Uint8Array): Uint16Array =>
  byteOffset % 2 === 0 ? new Uint16Array(buffer, byteOffset, length >> 1) : new Uint16Array(0)

/** Where the first byte stands that is of no kind. */
function kindEnd(bytes: Uint8Array, pairs: Uint16Array, from: number): number {
  let at = from
  if (at % 2 === 1 && KIND[bytes[at]!] !== 0) at++
  if (at % 2 === 0) {
    let pair = at >> 1
    while (pair + 3 < pairs.length && areKind(pairs, pair)) pair += 4
    at = pair << 1
  }
  while (at < bytes.length && KIND[bytes[at]!] !== 0) at++
  return at
}

const areKind = (pairs: Uint16Array, at: number): boolean =>
  (PAIRS[pairs[at]!]! & PAIRS[pairs[at + 1]!]! & PAIRS[pairs[at + 2]!]! & PAIRS[pairs[at + 3]!]!) === 1

/** The octets of a cut in a canonical form, in pieces. Each holds only until the next is asked for. */
export async function* canonicalChunks(source: ByteSource, cut: XmlCut): AsyncGenerator<Uint8Array> {
  const writer = cut.isVerbatim ? undefined : new CutWriter()
  for await (const chunk of chunksOf(source, cut.start, cut.end)) yield writer?.push(chunk) ?? chunk
}

/** Where a byte stands, or the end. */
function placeOf(byte: number, bytes: Uint8Array, from: number): number {
  const found = bytes.indexOf(byte, from)
  return found < 0 ? bytes.length : found
}

const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')

/** What the references stand for, as canonical text writes it (Canonical XML 1.0 §2.3). */
const REFERRED: Readonly<Record<number, string>> = { 9: '\t', 10: '\n', 13: '&#xD;', 32: ' ' }

/** Makes line ends one (XML 1.0 §2.11) and puts in what references stand for. */
class CutWriter {
  #afterReturn = false
  #reference = ''
  #out = Buffer.alloc(0)

  /** What it answers is written over by the next call. */
  push(chunk: Uint8Array): Uint8Array {
    // What was read of a reference before the chunk is the most that it can add.
    const most = chunk.length + LONGEST_REFERENCE
    if (this.#out.length < most) this.#out = Buffer.allocUnsafe(most)
    const out = this.#out
    let end = 0
    let at = this.#afterReturn && chunk[0] === LF ? 1 : 0
    let [cr, ampersand] = [-1, -1]
    this.#afterReturn = false
    while (at < chunk.length) {
      if (this.#reference !== '') {
        const semicolon = chunk.indexOf(SEMICOLON, at)
        const after = semicolon < 0 ? chunk.length : semicolon + 1
        this.#reference += latin1(chunk, at, after)
        if (semicolon >= 0) end += out.write(this.#referred(), end, 'latin1')
        at = after
        continue
      }
      if (cr < at) cr = placeOf(CR, chunk, at)
      if (ampersand < at) ampersand = placeOf(AMPERSAND, chunk, at)
      const stop = Math.min(cr, ampersand)
      out.set(chunk.subarray(at, stop), end)
      end += stop - at
      at = stop + 1
      if (stop === ampersand && stop < chunk.length) this.#reference = '&'
      else if (stop === cr && stop < chunk.length) {
        out[end++] = LF
        this.#afterReturn = at === chunk.length
        if (chunk[at] === LF) at++
      }
    }
    return out.subarray(0, end)
  }

  #referred(): string {
    const [, decimal, hex] = REFERENCE.exec(this.#reference) ?? []
    this.#reference = ''
    return REFERRED[decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)] ?? ''
  }
}
