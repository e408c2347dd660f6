/** Why a base64 text cannot be decoded. `newlines` counts the line feeds before that place. */
export interface Base64Fault {
  readonly newlines: number
  readonly found: string
}

const NOTHING = new Uint8Array(0)
const LINE_FEED = 10
const AMPERSAND = 38
const SEMICOLON = 59
const PAD = 61

const SKIP = 1
const DIGIT = 2
const KIND = new Uint8Array(256)
for (const byte of Buffer.from(' \t\r\n')) KIND[byte] = SKIP
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'))
  KIND[byte] = DIGIT

const URL_DIGITS = [45, 95]
const SPACES = [LINE_FEED, 13, 32, 9]

/**
 * Decodes base64 text that is digits and white space all through, padded as it ends; undefined for any other, of which
 * `Base64Decoder` tells what it is. Node's own decoder passes over what is no digit, so that such a text comes out
 * shorter than its digits make it.
 */
export function decodeBase64(text: Buffer): Buffer | undefined {
  if (URL_DIGITS.some((digit) => text.includes(digit))) return undefined
  let written = text.length
  for (const space of SPACES) written -= countOf(text, space)
  if (written % 4 !== 0) return undefined
  let end = text.length
  while (end > 0 && KIND[text[end - 1]!] === SKIP) end -= 1
  const padding = text[end - 1] === PAD ? (text[end - 2] === PAD ? 2 : 1) : 0
  const bytes = Buffer.from(text.toString('latin1'), 'base64')
  return bytes.length === (written / 4) * 3 - padding ? bytes : undefined
}

function countOf(bytes: Uint8Array, byte: number): number {
  let count = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) count += 1
  return count
}

/** Serialisers write the CR of a MIME line break as a character reference. */
const WHITE_SPACE_REFERENCE = /^&#(?:0*(?:9|10|13|32)|x0*(?:9|a|d|20));$/i
const LONGEST_REFERENCE = 10

/** As far as they go, the groups of four digits of a text that is digits and white space; undefined for another. */
function wholeGroups(text: Uint8Array): { readonly bytes: Buffer; readonly end: number } | undefined {
  let digits = text.length
  for (const space of SPACES) digits -= countOf(text, space)
  let end = text.length
  for (let left = digits % 4; left > 0 && end > 0; end -= 1) if (KIND[text[end - 1]!] !== SKIP) left -= 1
  const part = Buffer.from(text.buffer, text.byteOffset, end)
  const bytes = part.includes(PAD) ? undefined : decodeBase64(part)
  return bytes && { bytes, end }
}

/** The place behind so many bytes that are no white space; the end where there are fewer. */
function placeBehind(text: Uint8Array, count: number): number {
  let left = count
  for (let at = 0; at < text.length; at += 1) if (KIND[text[at]!] !== SKIP && --left === 0) return at + 1
  return text.length
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const filled = parts.filter(({ length }) => length > 0)
  return filled.length === 1 ? filled[0]! : Buffer.concat(filled)
}

/**
 * Decodes base64 (RFC 4648 §4) as it arrives. White space is passed over; padding must be there and must end the text,
 * because its lack is how a cut file shows itself.
 */
export class Base64Decoder {
  #carry: Uint8Array = NOTHING
  #padding = 0
  #reference = ''
  #newlines = 0
  #fault: Base64Fault | undefined

  /** Content bytes. Nothing more comes once a fault was found. */
  push(text: Uint8Array): Uint8Array {
    if (this.#fault !== undefined) return NOTHING
    // The digits that are carried make a group with the first of these.
    const start = this.#isBetweenGroups ? 0 : placeBehind(text, 4 - this.#carry.length)
    const first = this.#look(text.subarray(0, start))
    const rest = text.subarray(start)
    const groups = this.#isBetweenGroups ? wholeGroups(rest) : undefined
    if (groups === undefined) return joined(first, this.#look(rest))
    this.#newlines += countOf(rest.subarray(0, groups.end), LINE_FEED)
    return joined(first, groups.bytes, this.#look(rest.subarray(groups.end)))
  }

  get #isBetweenGroups(): boolean {
    return this.#carry.length + this.#padding === 0 && this.#reference === '' && this.#fault === undefined
  }

  /** Takes a text byte by byte. */
  #look(text: Uint8Array): Uint8Array {
    if (text.length === 0 || this.#fault !== undefined) return NOTHING
    const digits = Buffer.allocUnsafe(this.#carry.length + text.length)
    digits.set(this.#carry)
    const end = this.#collect(text, digits, this.#carry.length)
    const whole = end - (end % 4)
    this.#carry = Uint8Array.from(digits.subarray(whole, end))
    return Buffer.from(digits.toString('latin1', 0, whole), 'base64')
  }

  /** The last bytes, or what is wrong with the text. */
  finish(): { readonly bytes: Uint8Array; readonly fault: Base64Fault | undefined } {
    const odd = this.#carry.length
    if (this.#reference !== '') this.#refuse(this.#reference)
    const complete = odd === 0 ? this.#padding === 0 : odd > 1 && odd + this.#padding === 4
    if (!complete) this.#refuse(`${odd + this.#padding} characters after the last group of four`)
    const text = Buffer.from(this.#carry).toString('latin1')
    return { bytes: this.#fault ? NOTHING : Buffer.from(text, 'base64'), fault: this.#fault }
  }

  #collect(text: Uint8Array, digits: Uint8Array, start: number): number {
    let end = start
    for (let at = 0; at < text.length; at++) {
      const byte = text[at]!
      const kind = this.#reference === '' ? KIND[byte]! : 0
      if (kind === DIGIT && this.#padding === 0) digits[end++] = byte
      else if (kind === SKIP) this.#newlines += byte === LINE_FEED ? 1 : 0
      else if (!this.#takeOdd(byte, kind)) break
    }
    return end
  }

  #takeOdd(byte: number, kind: number): boolean {
    if (this.#reference !== '') return this.#takeReference(byte)
    if (byte === AMPERSAND) this.#reference = '&'
    else if (byte === PAD && this.#padding < 2) this.#padding += 1
    else this.#refuse(kind === DIGIT ? 'text after the padding' : shown(byte))
    return this.#fault === undefined
  }

  #takeReference(byte: number): boolean {
    this.#reference += String.fromCharCode(byte)
    if (byte === SEMICOLON && WHITE_SPACE_REFERENCE.test(this.#reference)) this.#reference = ''
    else if (byte === SEMICOLON || this.#reference.length > LONGEST_REFERENCE) this.#refuse(this.#reference)
    return this.#fault === undefined
  }

  #refuse(found: string): void {
    this.#fault ??= { newlines: this.#newlines, found }
  }
}

const shown = (byte: number): string =>
  byte > 32 && byte < 127 ? String.fromCharCode(byte) : `byte 0x${byte.toString(16).padStart(2, '0')}`
