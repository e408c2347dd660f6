/** A tag of a packet that has been found well-formed before, by its place in the bytes. */
export interface ScannedTag {
  readonly kind: 'open' | 'close' | 'empty'
  /** As written, with its prefix. */
  readonly name: string
  /** Of its `<`. */
  readonly start: number
  /** After its `>`. */
  readonly end: number
}

const LT = 60
const GT = 62
const SLASH = 47
const DOUBLE_QUOTE = 34
const APOSTROPHE = 39
/** No honest start tag is longer. */
const MOST_TAG_BYTES = 1024 * 1024

/** Markups whose content is not looked at, and what ends them. */
const PASSED_OVER: readonly (readonly [begin: string, end: string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
]
const LONGEST_BEGIN = 9

/**
 * Tells the tags of a packet in chunks of any size, with memory for one of them. Only for bytes that `parsePacket` took:
 * it knows neither document types nor encodings other than UTF-8.
 */
export class TagScanner {
  #rest: Buffer = Buffer.alloc(0)
  /** Place of the first byte of `#rest`. */
  #offset = 0
  #until: string | null = null

  #next(): ScannedTag | 'passed' | 'more' {
    if (this.#until !== null) return this.#passOver(this.#until)
    const at = this.#rest.indexOf(LT)
    this.#drop(at < 0 ? this.#rest.length : at)
    if (this.#rest.length < 2) return 'more'
    const begin = this.#rest.toString('latin1', 0, LONGEST_BEGIN)
    const over = PASSED_OVER.find(([mark]) => begin.startsWith(mark))
    if (over !== undefined) {
      this.#drop(over[0].length)
      this.#until = over[1]
      return 'passed'
    }
    // What begins like one of them may be one, once more bytes are there.
    if (begin.length < LONGEST_BEGIN && PASSED_OVER.some(([mark]) => mark.startsWith(begin))) return 'more'
    const end = tagEnd(this.#rest)
    if (end < 0) return 'more'
    const tag = { ...readTag(this.#rest.subarray(0, end)), start: this.#offset, end: this.#offset + end }
    this.#drop(end)
    return tag
  }

  #passOver(until: string): 'passed' | 'more' {
    const at = this.#rest.indexOf(until)
    if (at < 0) {
      this.#drop(Math.max(0, this.#rest.length - until.length + 1))
      return 'more'
    }
    this.#drop(at + until.length)
    this.#until = null
    return 'passed'
  }

  #drop(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes)
    this.#offset += bytes
  }

  /** @throws RangeError where a tag does not end within 1 MiB */
  *feed(chunk: Uint8Array): Generator<ScannedTag> {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const found = this.#next()
      if (found === 'more') break
      if (found !== 'passed') yield found
    }
    if (this.#rest.length > MOST_TAG_BYTES) throw new RangeError('a tag does not end')
  }
}

/** Where a tag ends; -1 where it does not end yet. */
function tagEnd(bytes: Buffer): number {
  let quote = 0
  for (let at = 1; at < bytes.length; at += 1) {
    const byte = bytes[at]!
    if (quote !== 0) {
      if (byte === quote) quote = 0
    } else if (byte === DOUBLE_QUOTE || byte === APOSTROPHE) quote = byte
    else if (byte === GT) return at + 1
  }
  return -1
}

function readTag(tag: Buffer): Pick<ScannedTag, 'kind' | 'name'> {
  const isClose = tag[1] === SLASH
  const text = tag.toString('utf8', isClose ? 2 : 1, tag.length - 1)
  const name = /^[^\s/]*/.exec(text)?.[0] ?? ''
  if (isClose) return { kind: 'close', name }
  return { kind: tag[tag.length - 2] === SLASH ? 'empty' : 'open', name }
}
