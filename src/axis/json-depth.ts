const QUOTE = 0x22
const BACKSLASH = 0x5c
const [OPENS_OBJECT, CLOSES_OBJECT] = [0x7b, 0x7d]
const [OPENS_ARRAY, CLOSES_ARRAY] = [0x5b, 0x5d]

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
    for (let at = this.#inString ? this.#afterString(piece, 0) : 0; at < piece.length; at += 1) {
      const byte = piece[at]
      if (byte === QUOTE) at = this.#afterString(piece, at + 1) - 1
      else if (byte === OPENS_OBJECT || byte === OPENS_ARRAY) {
        this.#depth += 1
        if (this.#depth > this.#most) return false
      } else if (byte === CLOSES_OBJECT || byte === CLOSES_ARRAY) this.#depth -= 1
    }
    return true
  }

  /** Where a string that is open at `from` has ended: behind its quote, or at the end of the piece where it goes on. */
  #afterString(piece: Uint8Array, from: number): number {
    const begin = this.#escaped ? from + 1 : from
    this.#inString = this.#escaped = false
    for (let at = piece.indexOf(QUOTE, begin); at >= 0; at = piece.indexOf(QUOTE, at + 1))
      if (!isEscaped(piece, begin, at)) return at + 1
    this.#inString = true
    this.#escaped = begin > piece.length || isEscaped(piece, begin, piece.length)
    return piece.length
  }
}

/** Whether an odd number of backslashes stands before `at`, from `begin` on. */
function isEscaped(piece: Uint8Array, begin: number, at: number): boolean {
  let first = at
  while (first > begin && piece[first - 1] === BACKSLASH) first -= 1
  return (at - first) % 2 === 1
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
