const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPENING: readonly number[] = [0x7b, 0x5b]
const CLOSING: readonly number[] = [0x7d, 0x5d]

/** Finds where the string value of one field of the outermost object begins, byte by byte, in JSON that may be none. */
export class FieldFinder {
  readonly #field: string
  #depth = 0
  #inString = false
  #escaped = false
  #afterColon = false
  /** Of the outermost field that is being read, as far as it can matter. */
  #name = ''

  constructor(field: string) {
    this.#field = field
  }

  /** Takes the next byte; true where it is the opening quote of the value. */
  step(byte: number): boolean {
    if (this.#inString) {
      this.#stepInString(byte)
      return false
    }
    if (byte === QUOTE) return this.#beginString()
    if (OPENING.includes(byte)) this.#depth += 1
    else if (CLOSING.includes(byte)) this.#depth -= 1
    else if (this.#depth === 1 && byte === COLON) this.#afterColon = true
    else if (this.#depth === 1 && byte === COMMA) this.#afterColon = false
    return false
  }

  #beginString(): boolean {
    this.#inString = true
    if (this.#depth !== 1) return false
    if (this.#afterColon) return this.#name === this.#field
    this.#name = ''
    return false
  }

  #stepInString(byte: number): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === BACKSLASH) this.#escaped = true
    else if (byte === QUOTE) this.#inString = false
    const isName = this.#inString && this.#depth === 1 && !this.#afterColon
    if (isName && this.#name.length <= this.#field.length) this.#name += String.fromCharCode(byte)
  }
}
