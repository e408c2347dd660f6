import { malformed } from './malformed.ts'

const ENDS = [Buffer.from('\r\n'), Buffer.from('--')]

/** Reads a stream of bytes piece by piece, up to a delimiter; holds no more than a chunk and a delimiter. */
export class DelimitedReader {
  readonly #source: AsyncIterator<Uint8Array>
  #buffer: Buffer
  #ended = false

  /** @param start bytes to be read before those of the source */
  constructor(source: AsyncIterable<Uint8Array>, start: Uint8Array) {
    this.#source = source[Symbol.asyncIterator]()
    this.#buffer = Buffer.from(start)
  }

  /**
   * The bytes before the next delimiter, which is passed over.
   * @param ofPart whether it is the delimiter of parts, after which a line must end or the form (RFC 2046 §5.1.1);
   *   followed by anything else it is content
   * @throws GatewayError `request-malformed` where the source ends before
   */
  async *until(delimiter: Buffer, ofPart = true): AsyncGenerator<Uint8Array> {
    const ahead = delimiter.length + (ofPart ? 2 : 0)
    let from = 0
    for (;;) {
      const at = this.#buffer.indexOf(delimiter, from)
      if (at >= 0 && this.#buffer.length >= at + ahead) {
        if (ofPart && !this.#endsAt(at + delimiter.length)) {
          from = at + 1
          continue
        }
        if (at > 0) yield this.#buffer.subarray(0, at)
        this.#buffer = this.#buffer.subarray(at + delimiter.length)
        return
      }
      // What may be the beginning of a delimiter waits for more.
      const sure = at >= 0 ? at : Math.max(0, this.#buffer.length - delimiter.length + 1)
      if (sure > 0) yield this.#buffer.subarray(0, sure)
      this.#buffer = this.#buffer.subarray(sure)
      from = 0
      if (!(await this.#more())) throw cutShort()
    }
  }

  /** The next bytes. @throws GatewayError `request-malformed` where there are not so many */
  async take(length: number): Promise<Buffer> {
    while (this.#buffer.length < length) if (!(await this.#more())) throw cutShort()
    const taken = this.#buffer.subarray(0, length)
    this.#buffer = this.#buffer.subarray(length)
    return taken
  }

  putBack(bytes: Uint8Array): void {
    this.#buffer = Buffer.concat([bytes, this.#buffer])
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    do {
      yield this.#buffer
      this.#buffer = Buffer.alloc(0)
    } while (await this.#more())
  }

  #endsAt(position: number): boolean {
    return ENDS.some((end) => this.#buffer.subarray(position, position + 2).equals(end))
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false
    const { done, value } = await this.#source.next()
    this.#ended = done === true
    if (done) return false
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(value) : Buffer.concat([this.#buffer, value])
    return true
  }
}

const cutShort = () => malformed('Biểu mẫu bị cắt cụt.', 'The form ends before its closing boundary.')
