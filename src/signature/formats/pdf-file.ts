import { inflateSync } from 'node:zlib'
import { type ByteSource, WINDOW } from '../byte-source.ts'
import { isDict, isStream, PdfCut, type PdfDict, PdfDoubt, PdfParser, type PdfStream } from './pdf-syntax.ts'

/** Bytes: the longest object without stream data, and the longest stream that is read. */
const MAX_OBJECT = 4 * 1024 * 1024
const MAX_STREAM = 32 * 1024 * 1024
const KEPT_WINDOWS = 8
/** Characters parsed and bytes inflated for one file, over all of its revisions: some seconds' work. */
const MAX_WORK = 128 * 1024 * 1024

/** What all views of one file share. */
interface Shared {
  readonly windows: Map<number, Promise<Uint8Array>>
  /** What may still be parsed and inflated. */
  work: number
}

/** Random access to the first `end` bytes of a PDF, window by window, so that memory stays flat. */
export class PdfFile {
  readonly end: number
  readonly #source: ByteSource
  readonly #shared: Shared

  constructor(
    source: ByteSource,
    end = source.length,
    shared: Shared = { windows: new Map(), work: MAX_WORK },
  ) {
    this.#source = source
    this.end = end
    this.#shared = shared
  }

  /** The same file, with less work that may be done on it. */
  withWork(work: number): PdfFile {
    return new PdfFile(this.#source, this.end, { windows: this.#shared.windows, work })
  }

  /** The same file, as it was when it was `end` bytes long. */
  upTo(end: number): PdfFile {
    return new PdfFile(this.#source, end, this.#shared)
  }

  async text(start: number, end: number): Promise<string> {
    return Buffer.from(await this.#bytes(start, end)).toString('latin1')
  }

  async #bytes(start: number, end: number): Promise<Uint8Array> {
    const first = Math.floor(start / WINDOW)
    const stop = Math.min(end, this.end)
    if (start < 0 || start >= stop) return new Uint8Array(0)
    const parts: Uint8Array[] = []
    for (let index = first; index * WINDOW < stop; index++) {
      const window = await this.#window(index)
      parts.push(window.subarray(Math.max(0, start - index * WINDOW), stop - index * WINDOW))
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  #window(index: number): Promise<Uint8Array> {
    const { windows } = this.#shared
    const known = windows.get(index)
    if (known !== undefined) return known
    const start = index * WINDOW
    const window = this.#source.read(start, Math.min(start + WINDOW, this.#source.length))
    windows.set(index, window)
    if (windows.size > KEPT_WINDOWS) windows.delete(windows.keys().next().value!)
    return window
  }

  /** Counts work that was done. @throws PdfDoubt where it is more than any file needs */
  spend(work: number): void {
    this.#shared.work -= work
    if (this.#shared.work < 0) throw new PdfDoubt('too much work')
  }

  /** Parses at an offset; reads on where the value is longer than what was read. @throws PdfDoubt */
  async parse<T>(
    at: number,
    work: (parser: PdfParser) => T,
    mayRepeat?: (key: string) => boolean,
  ): Promise<T> {
    for (let size = 4096; ; size *= 8) {
      const text = await this.text(at, at + size)
      const isAll = at + size >= this.end
      // Behind the end of the file stands nothing: whitespace lets the last word end.
      const parser = new PdfParser(isAll ? text.padEnd(text.length + 64, '\n') : text, 0, mayRepeat)
      try {
        const result = work(parser)
        this.spend(parser.at)
        return result
      } catch (error) {
        this.spend(parser.at)
        if (!(error instanceof PdfCut) || isAll || size > MAX_OBJECT) throw error
      }
    }
  }

  /** Checks that a stream's data ends where its dictionary says, within this file. @throws PdfDoubt */
  async checkData(start: number, length: number): Promise<void> {
    if (!Number.isSafeInteger(length) || length < 0) throw new PdfDoubt('stream length')
    const tail = await this.text(start + length, start + length + 32)
    if (!/^[\r\n ]{0,2}endstream/.test(tail)) throw new PdfDoubt('stream length')
  }

  /** The data of a stream, undecoded. `length` is what its dictionary says. @throws PdfDoubt */
  async data(start: number, length: number): Promise<Uint8Array> {
    if (length > MAX_STREAM) throw new PdfDoubt('stream length')
    await this.checkData(start, length)
    return this.#bytes(start, start + length)
  }
}

/** Decodes Flate with PNG predictors, as cross-reference and object streams use it. @throws PdfDoubt */
export function decodeStream(dict: PdfDict, data: Uint8Array): Uint8Array {
  const filter = dict.get('/Filter')
  const name = Array.isArray(filter) && filter.length === 1 ? filter[0] : filter
  const given = dict.get('/DecodeParms')
  const parameters = Array.isArray(given) ? given[0] : given
  if (name === undefined && parameters === undefined) return data
  if (name !== '/FlateDecode') throw new PdfDoubt('filter')
  const inflated = inflate(data)
  if (parameters === undefined || parameters === null) return inflated
  if (!isDict(parameters)) throw new PdfDoubt('DecodeParms')
  const predictor = parameters.get('/Predictor') ?? 1
  if (predictor === 1) return inflated
  const columns = parameters.get('/Columns') ?? 1
  const isPlain = (parameters.get('/Colors') ?? 1) === 1 && (parameters.get('/BitsPerComponent') ?? 8) === 8
  if (typeof predictor !== 'number' || predictor < 10 || typeof columns !== 'number' || !isPlain)
    throw new PdfDoubt('predictor')
  return unpredict(inflated, columns)
}

function inflate(data: Uint8Array): Uint8Array {
  try {
    return inflateSync(data, { maxOutputLength: MAX_STREAM })
  } catch {
    throw new PdfDoubt('flate')
  }
}

/** What PNG filters add to a byte, from the bytes before it, above it, and before that one (RFC 2083 §6). */
const FILTERS: readonly ((before: number, above: number, corner: number) => number)[] = [
  () => 0,
  (before) => before,
  (_, above) => above,
  (before, above) => (before + above) >> 1,
  paeth,
]

function paeth(before: number, above: number, corner: number): number {
  const guess = before + above - corner
  const [left, up, diagonal] = [Math.abs(guess - before), Math.abs(guess - above), Math.abs(guess - corner)]
  if (left <= up && left <= diagonal) return before
  return up <= diagonal ? above : corner
}

/** Undoes PNG filters over rows of bytes. */
function unpredict(data: Uint8Array, columns: number): Uint8Array {
  if (!Number.isSafeInteger(columns) || columns < 1 || data.length % (columns + 1) !== 0)
    throw new PdfDoubt('predictor')
  const rows = data.length / (columns + 1)
  const result = new Uint8Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const filter = FILTERS[data[row * (columns + 1)]!]
    if (filter === undefined) throw new PdfDoubt('predictor')
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column
      const before = column > 0 ? result[at - 1]! : 0
      const above = row > 0 ? result[at - columns]! : 0
      const corner = column > 0 && row > 0 ? result[at - columns - 1]! : 0
      result[at] = data[row * (columns + 1) + 1 + column]! + filter(before, above, corner)
    }
  }
  return result
}

export const asStream = (value: unknown): PdfStream => {
  const stream = value as PdfStream
  if (!isStream(stream)) throw new PdfDoubt('not a stream')
  return stream
}
