import { AxisFault } from './axis-fault.ts'
import { type Base64Decoder, base64Decoder } from './base64-decoder.ts'
import { FieldFinder } from './field-finder.ts'
import { DepthGauge } from './json-depth.ts'
import { MOST_DEPTH, tooDeep } from './read-json.ts'

/** Bytes of an answer beside the packet: texts, and seal and hops of a gateway. */
const MOST_BESIDE = 2 * 1024 * 1024

const QUOTE = 0x22
const BRACE = 0x7b
/** White space, and the bytes of a byte order mark. */
const BEFORE_JSON: readonly number[] = [0x20, 0x09, 0x0d, 0x0a, 0xef, 0xbb, 0xbf]

/**
 * Reads `{"status":…,"data":"<base64>",…}` in pieces: the string of the field `data` is decoded as it comes and left
 * empty in the rest, which is small and read as JSON at the end. Memory stays flat, whatever the packet's length.
 */
export class EdocScanner {
  readonly #maxBytes: number
  readonly #finder = new FieldFinder('data')
  readonly #depth = new DepthGauge(MOST_DEPTH)
  readonly #beside: Uint8Array[] = []
  #besideLength = 0
  #decoder: Base64Decoder | undefined
  #decodedLength = 0
  #inData = false
  /** An escape that is cut by the end of a piece. */
  #cut = ''

  /** @param maxBytes of the packet */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of the packet up to now. */
  get decodedLength(): number {
    return this.#decodedLength
  }

  /**
   * Gives the packet's bytes that are in this piece of the answer.
   * @throws AxisFault `not-json`, `answer-invalid`
   */
  feed(piece: Uint8Array): Buffer[] {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    const decoded: Buffer[] = []
    let at = this.#besideLength === 0 ? beginning(bytes) : 0
    while (at < bytes.length) {
      at = this.#inData ? this.#readData(bytes, at, decoded) : this.#readBeside(bytes, at)
    }
    return decoded
  }

  /**
   * The answer without its packet: `data` is empty.
   * @throws AxisFault `not-json`
   */
  end(): unknown {
    try {
      return JSON.parse(Buffer.concat(this.#beside).toString('utf8'))
    } catch {
      throw new AxisFault('not-json', 'the answer breaks off, or is no JSON')
    }
  }

  /** From inside the string of `data` to its closing quote, or the end of the piece. */
  #readData(bytes: Buffer, from: number, decoded: Buffer[]): number {
    const quote = bytes.indexOf(QUOTE, from)
    const until = quote < 0 ? bytes.length : quote
    const { whole, cut } = unescaped(this.#cut + bytes.toString('latin1', from, until))
    this.#cut = cut
    this.#take(this.#decoder?.push(whole), decoded)
    if (quote < 0) return until
    this.#take(cut === '' ? this.#decoder?.end() : undefined, decoded)
    this.#inData = false
    return quote
  }

  #take(bytes: Buffer | undefined, decoded: Buffer[]): void {
    if (bytes === undefined) throw new AxisFault('answer-invalid', 'data is no base64')
    this.#decodedLength += bytes.length
    if (this.#decodedLength > this.#maxBytes) {
      throw new AxisFault('answer-invalid', `the packet is longer than ${this.#maxBytes} bytes`)
    }
    if (bytes.length > 0) decoded.push(bytes)
  }

  /** From outside `data` to just behind its opening quote, or the end of the piece. */
  #readBeside(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length && !this.#inData) {
      this.#inData = this.#finder.step(bytes[at] ?? 0)
      at += 1
    }
    this.#besideLength += at - from
    if (this.#besideLength > MOST_BESIDE) throw new AxisFault('answer-invalid', 'the answer is too long')
    if (!this.#depth.holds(bytes.subarray(from, at))) throw tooDeep()
    this.#beside.push(Uint8Array.from(bytes.subarray(from, at)))
    if (this.#inData && this.#decoder) throw new AxisFault('answer-invalid', 'data stands there twice')
    if (this.#inData) this.#decoder = base64Decoder()
    return at
  }
}

/** Where the object begins: a page of a proxy is told from it by its first character. */
function beginning(bytes: Buffer): number {
  const at = bytes.findIndex((byte) => !BEFORE_JSON.includes(byte))
  if (at < 0) return bytes.length
  if (bytes[at] !== BRACE)
    throw new AxisFault('not-json', `the answer is no JSON: ${bytes.toString('utf8', at, at + 200)}`)
  return at
}

const MEANT: Record<string, string> = { '/': '/', n: '\n', r: '\r', t: '\t' }

/** Text of a JSON string, and the escape that is not whole yet. What is no escape stays, and is no base64 either. */
function unescaped(text: string): { whole: string; cut: string } {
  const last = text.lastIndexOf('\\')
  if (last < 0) return { whole: text, cut: '' }
  const needed = text[last + 1] === 'u' ? 6 : 2
  const end = text.length - last < needed ? last : text.length
  const whole = text
    .slice(0, end)
    .replace(/\\(?:u([0-9a-fA-F]{4})|([/nrt]))/g, (_, code?: string, letter?: string) =>
      code === undefined ? (MEANT[letter ?? ''] ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
    )
  return { whole, cut: text.slice(end) }
}
