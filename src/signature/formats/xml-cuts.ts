import { type ByteSource, chunksOf } from '../byte-source.ts'

/**
 * A long text of base64 that stays in the file while the rest of it is parsed. Nothing in it can be taken for markup,
 * in any encoding that ASCII is a part of.
 */
export interface XmlCut {
  /** Bytes of the file, `start` inclusive, `end` exclusive. */
  readonly start: number
  readonly end: number
  /** Whether its canonical octets are its bytes as they stand. */
  readonly isVerbatim: boolean
}

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
        while (at < chunk.length && KIND[chunk[at]!] !== 0) at++
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

/** The octets of a cut in a canonical form, in pieces. */
export async function* canonicalChunks(source: ByteSource, cut: XmlCut): AsyncGenerator<Uint8Array> {
  const writer = cut.isVerbatim ? undefined : new CutWriter()
  for await (const chunk of chunksOf(source, cut.start, cut.end)) yield writer?.push(chunk) ?? chunk
}

/** What the references stand for, as canonical text writes it (Canonical XML 1.0 §2.3). */
const REFERRED: Readonly<Record<number, string>> = { 9: '\t', 10: '\n', 13: '&#xD;', 32: ' ' }

/** Makes line ends one (XML 1.0 §2.11) and puts in what references stand for. */
class CutWriter {
  #afterReturn = false
  #reference = ''

  push(chunk: Uint8Array): Uint8Array {
    // What was read of a reference before the chunk is the most that it can add.
    const out = Buffer.allocUnsafe(chunk.length + LONGEST_REFERENCE)
    let end = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (this.#reference !== '') {
        this.#reference += String.fromCharCode(byte)
        if (byte === SEMICOLON) end += out.write(this.#referred(), end, 'latin1')
        continue
      }
      if (byte === AMPERSAND) this.#reference = '&'
      else if (byte === CR) out[end++] = LF
      else if (byte !== LF || !this.#afterReturn) out[end++] = byte
      this.#afterReturn = byte === CR
    }
    return out.subarray(0, end)
  }

  #referred(): string {
    const [, decimal, hex] = REFERENCE.exec(this.#reference) ?? []
    this.#reference = ''
    return REFERRED[decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)] ?? ''
  }
}
