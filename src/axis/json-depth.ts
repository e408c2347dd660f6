const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING: readonly number[] = [0x7b, 0x5b]
const CLOSING: readonly number[] = [0x7d, 0x5d]

/**
 * Tells how deep JSON goes before it is parsed: a megabyte of brackets holds a parser, and with it everybody else, for
 * longer than all else of that length.
 */
export class DepthGauge {
  readonly #most: number
  #depth = 0
  #inString = false
  #escaped = false

  /** @param most objects and arrays, one within another */
  constructor(most: number) {
    this.#most = most
  }

  /** Takes the next bytes (UTF-8); false once they go deeper than they may. */
  holds(piece: Uint8Array): boolean {
    for (const byte of piece) {
      if (this.#inString) this.#stepInString(byte)
      else if (byte === QUOTE) this.#inString = true
      else if (OPENING.includes(byte)) this.#depth += 1
      else if (CLOSING.includes(byte)) this.#depth -= 1
      if (this.#depth > this.#most) return false
    }
    return true
  }

  #stepInString(byte: number): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === BACKSLASH) this.#escaped = true
    else if (byte === QUOTE) this.#inString = false
  }
}

/** The value of a JSON text; undefined where it is none, or goes deeper than it may. */
export function parseShallow(text: string, mostDepth: number): unknown {
  if (!new DepthGauge(mostDepth).holds(Buffer.from(text, 'utf8'))) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
