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

/** Serialisers write the CR of a MIME line break as a character reference. */
const WHITE_SPACE_REFERENCE = /^&#(?:0*(?:9|10|13|32)|x0*(?:9|a|d|20));$/i
const LONGEST_REFERENCE = 10

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
