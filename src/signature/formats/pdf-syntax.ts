/**
 * A value of a PDF (ISO 32000-2 §7.3). Names are strings that begin with `/`, PDF strings are their bytes in Latin-1
 * behind a `(`, so that the two never look alike.
 */
export type PdfValue =
  | null
  | boolean
  | number
  | string
  | PdfReference
  | readonly PdfValue[]
  | PdfDict
  | PdfStream

export interface PdfReference {
  readonly ref: number
  readonly generation: number
}
export type PdfDict = ReadonlyMap<string, PdfValue>
export interface PdfStream {
  readonly dict: PdfDict
  /** Where the data begins in the text that was parsed. */
  readonly dataAt: number
}

/** What cannot be read with certainty: two readers might see two documents. */
export class PdfDoubt extends Error {}

/** The text ended inside a value: it may go on beyond the part that was read. */
export class PdfCut extends PdfDoubt {}

export const isDict = (value: PdfValue | undefined): value is PdfDict => value instanceof Map
export const isArray = (value: PdfValue | undefined): value is readonly PdfValue[] => Array.isArray(value)
export const isReference = (value: PdfValue | undefined): value is PdfReference =>
  typeof value === 'object' && value !== null && 'ref' in value
export const isStream = (value: PdfValue | undefined): value is PdfStream =>
  typeof value === 'object' && value !== null && 'dict' in value

/** A dictionary with a /ByteRange: where that key and the value of /Contents stand in the text that was parsed. */
export interface RangedDict {
  readonly dict: PdfDict
  readonly byteRangeAt: number
  readonly contents: { readonly start: number; readonly end: number } | undefined
}

const MAX_DEPTH = 64
const SPACE = /(?:[\0\t\n\f\r ]|%[^\r\n]*)*/y
const REGULAR = /[^\0\t\n\f\r ()<>[\]{}/%]*/y
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/
/** Digits, and what makes a reference of them; nothing regular follows. */
const WHOLE = /(\d{1,15})(?:[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+R)?(?![^\0\t\n\f\r ()<>[\]{}/%])/y
const PERCENT = 37
const PLAIN_TEXT = /[^()\\]*/y
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

/** A strict reader of PDF objects over Latin-1 text. @throws PdfDoubt, PdfCut */
export class PdfParser {
  readonly text: string
  /** Every dictionary with a /ByteRange that was read so far. */
  readonly ranged: RangedDict[] = []
  /** Keys that may stand twice in a dictionary; the first one counts. Readers differ in which of them they take. */
  readonly #mayRepeat: (key: string) => boolean
  at: number

  constructor(text: string, at = 0, mayRepeat: (key: string) => boolean = () => false) {
    this.text = text
    this.at = at
    this.#mayRepeat = mayRepeat
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found !== null) this.at = pattern.lastIndex
    return found
  }

  skipSpace(): void {
    const code = this.text.charCodeAt(this.at)
    // Most often one space, or none, stands there.
    if (code === 32) this.at += 1
    else if (code > 32 && code !== PERCENT) return
    const next = this.text.charCodeAt(this.at)
    if (next <= 32 || next === PERCENT) this.#match(SPACE)
  }

  /** The next word of regular characters, after whitespace. */
  word(): string {
    this.skipSpace()
    const word = this.#match(REGULAR)![0]
    if (this.at >= this.text.length) throw new PdfCut('word')
    return word
  }

  integer(): number {
    const word = this.word()
    if (!/^\d{1,15}$/.test(word)) throw new PdfDoubt(`not an integer: ${word}`)
    return Number(word)
  }

  expect(word: string): void {
    const found = this.word()
    if (found !== word) throw new PdfDoubt(`${word} expected, ${found} found`)
  }

  value(depth = 0): PdfValue {
    if (depth > MAX_DEPTH) throw new PdfDoubt('nested too deeply')
    this.skipSpace()
    const { text, at } = this
    if (at + 1 >= text.length) throw new PdfCut('value')
    const char = text[at]!
    if (char === '/') return this.#name()
    if (char === '(') return this.#literal()
    if (char === '[') return this.#array(depth)
    if (char === '<') return text[at + 1] === '<' ? this.#dict(depth) : this.#hex()
    return this.#plain()
  }

  #plain(): PdfValue {
    const whole = this.#match(WHOLE)
    if (whole !== null) {
      const [, number, generation] = whole
      if (generation !== undefined) return { ref: Number(number), generation: Number(generation) }
      // A reference may be cut off behind its first number.
      if (this.at + 32 > this.text.length) throw new PdfCut('number')
      return Number(number)
    }
    const word = this.word()
    if (word === 'null') return null
    if (word === 'true' || word === 'false') return word === 'true'
    if (NUMBER.test(word)) {
      // A reference may be cut off behind its first number.
      if (this.at + 32 > this.text.length) throw new PdfCut('number')
      return Number(word)
    }
    throw new PdfDoubt(`not a value: ${word.slice(0, 20)}`)
  }

  #name(): string {
    this.at += 1
    const raw = this.#match(REGULAR)![0]
    if (this.at >= this.text.length) throw new PdfCut('name')
    return `/${raw.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))}`
  }

  #hex(): string {
    const end = this.text.indexOf('>', this.at)
    if (end < 0) throw new PdfCut('string')
    const digits = this.text.slice(this.at + 1, end).replace(/[\0\t\n\f\r ]/g, '')
    if (!/^[0-9A-Fa-f]*$/.test(digits)) throw new PdfDoubt('hex string')
    this.at = end + 1
    return `(${Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex').toString('latin1')}`
  }

  #literal(): string {
    const start = ++this.at
    for (let depth = 1; depth > 0; this.at++) {
      this.#match(PLAIN_TEXT)
      const char = this.text[this.at]
      if (char === undefined) throw new PdfCut('string')
      if (char === '\\') this.at++
      else if (char === '(') depth++
      else if (char === ')') depth--
    }
    const raw = this.text.slice(start, this.at - 1).replace(/\r\n?/g, '\n')
    return `(${raw.replace(/\\([0-7]{1,3}|[\s\S])/g, (_, escaped: string) => unescaped(escaped))}`
  }

  #array(depth: number): PdfValue[] {
    this.at += 1
    const items: PdfValue[] = []
    for (;;) {
      this.skipSpace()
      if (this.text[this.at] === ']') break
      items.push(this.value(depth + 1))
    }
    this.at += 1
    return items
  }

  #dict(depth: number): PdfDict {
    this.at += 2
    const entries = new Map<string, PdfValue>()
    let byteRangeAt: number | undefined
    let contents: RangedDict['contents']
    for (;;) {
      this.skipSpace()
      if (this.at + 1 >= this.text.length) throw new PdfCut('dictionary')
      if (this.text.startsWith('>>', this.at)) break
      if (this.text[this.at] !== '/') throw new PdfDoubt('not a key')
      const keyAt = this.at
      const key = this.#name()
      const isRepeated = entries.has(key)
      if (isRepeated && !this.#mayRepeat(key)) throw new PdfDoubt(`${key} twice`)
      this.skipSpace()
      const start = this.at
      const value = this.value(depth + 1)
      if (key === '/ByteRange') byteRangeAt = keyAt
      if (key === '/Contents') contents = { start, end: this.at }
      // An entry of null is no entry (ISO 32000-2 §7.3.7).
      if (value !== null && !isRepeated) entries.set(key, value)
    }
    this.at += 2
    if (byteRangeAt !== undefined) this.ranged.push({ dict: entries, byteRangeAt, contents })
    return entries
  }

  /** `n g obj`, the value, a stream's beginning. */
  object(number: number, generation: number): PdfValue | PdfStream {
    if (this.integer() !== number || this.integer() !== generation)
      throw new PdfDoubt(`${number} is not there`)
    this.expect('obj')
    const value = this.value()
    const word = this.word()
    if (word === 'endobj') return value
    if (word !== 'stream' || !isDict(value)) throw new PdfDoubt(`${number} has no end`)
    const eol = /\r?\n/y
    if (this.#match(eol) === null) throw new PdfDoubt(`the stream ${number} has no beginning`)
    return { dict: value, dataAt: this.at }
  }
}

function unescaped(escaped: string): string {
  if (/^[0-7]/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8) & 0xff)
  return escaped === '\n' ? '' : (ESCAPES[escaped] ?? escaped)
}
