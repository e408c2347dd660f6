import type { Fault } from '../domain/fault.ts'
import type { PacketLimits } from './limits.ts'
import { CONTENT_PATH } from './names.ts'
import { checkDeclaration, countLineFeeds, DECLARATION_BYTES, inspectProlog, PROLOG_BYTES } from './prolog.ts'
import { refusal, tooLarge } from './refuse.ts'
import type { Skeleton } from './skeleton.ts'
import { SkeletonBuilder } from './skeleton-builder.ts'

export type CutEvent =
  | { readonly kind: 'begin'; readonly line: number }
  | { readonly kind: 'text'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }

type State =
  | 'text'
  | 'open'
  | 'bang'
  | 'comment'
  | 'cdata'
  | 'pi'
  | 'name'
  | 'tag'
  | 'quote'
  | 'close'
  | 'cut'

const TAB = 9
const LF = 10
const CR = 13
const BANG = 33
const DOUBLE_QUOTE = 34
const APOSTROPHE = 39
const SLASH = 47
const COLON = 58
const LT = 60
const GT = 62
const QUESTION = 63
/** Longer names cannot be one that we look for; longer declarations are refused. */
const WORD_LENGTH = DECLARATION_BYTES

/** What ends the markups whose content is not looked at: so many of this byte, then `>`. */
const ENDS: Record<'comment' | 'cdata' | 'pi', { byte: number; count: number }> = {
  comment: { byte: 45, count: 2 },
  cdata: { byte: 93, count: 2 },
  pi: { byte: QUESTION, count: 1 },
}
/** The two markups that may begin with `<!`. */
const BANGS: Record<string, keyof typeof ENDS> = { '--': 'comment', '[CDATA[': 'cdata' }

/**
 * Reads a packet byte by byte, in chunks of any size, knowing only where markup begins and ends. It cuts the text of
 * every edXML/AttachmentEncoded/Attachment/ContentTransferEncoded out and keeps the rest as the skeleton. Whether the
 * skeleton is well-formed, and whether the cuts were made at the right places, is for libxml2 to say.
 */
export class PacketLexer {
  readonly faults: Fault[] = []
  readonly #limits: PacketLimits
  readonly #skeleton: SkeletonBuilder
  readonly #path: string[] = []
  #head: Buffer | null = Buffer.alloc(0)
  #elements = 0
  /** Received bytes before the present chunk. */
  #offset = 0
  #line = 1
  #state: State = 'text'
  /** The name of the present tag, or the first characters of a markup. */
  #word = ''
  /** How many bytes of what ends the present markup were seen. */
  #ending = 0
  #quote = 0
  #slashed = false
  /** Whether the tag that has just ended is one whose text is cut out. */
  #opening = false
  #afterCut = false

  constructor(limits: PacketLimits) {
    this.#limits = limits
    this.#skeleton = new SkeletonBuilder(limits)
  }

  /** @throws GatewayError `packet-refused`, `packet-malformed`, `payload-too-large` */
  *feed(chunk: Uint8Array): Generator<CutEvent> {
    if (this.#head === null) {
      yield* this.#scan(chunk)
      return
    }
    this.#head = Buffer.concat([this.#head, chunk])
    if (this.#head.length >= PROLOG_BYTES) yield* this.#begin(this.#head)
  }

  /** To be called, and its events taken, when all bytes were fed. */
  *end(): Generator<CutEvent> {
    if (this.#head !== null) yield* this.#begin(this.#head)
    if (this.#state === 'cut') {
      this.#closeCut(this.#offset)
      yield { kind: 'end' }
    }
  }

  skeleton(): Skeleton {
    return this.#skeleton.finish()
  }

  *#begin(head: Buffer): Generator<CutEvent> {
    this.#head = null
    const { skip, faults } = inspectProlog(head)
    this.faults.push(...faults)
    this.#offset = skip
    const lines = countLineFeeds(head.subarray(0, skip))
    this.#line += lines
    this.#skeleton.skip(skip, lines)
    yield* this.#scan(head.subarray(skip))
  }

  *#scan(bytes: Uint8Array): Generator<CutEvent> {
    let keepFrom = 0
    let at = 0
    while (at < bytes.length) {
      if (this.#state === 'cut') {
        const found = bytes.indexOf(LT, at)
        const end = found < 0 ? bytes.length : found
        const text = bytes.subarray(at, end)
        if (text.length > 0) yield { kind: 'text', bytes: text }
        this.#line += countLineFeeds(text)
        at = end
        keepFrom = end
        if (found < 0) break
        this.#closeCut(this.#offset + end)
        yield { kind: 'end' }
      }
      at = this.#pass(bytes, at)
      if (at === bytes.length) break
      this.#step(bytes[at]!)
      at += 1
      if (this.#opening) {
        this.#skeleton.keep(bytes.subarray(keepFrom, at), this.#line)
        this.#openCut(this.#offset + at)
        keepFrom = at
        yield { kind: 'begin', line: this.#line }
      }
    }
    if (this.#state !== 'cut') this.#skeleton.keep(bytes.subarray(keepFrom), this.#line)
    this.#offset += bytes.length
  }

  /** Passes over what changes nothing: all before a control character or the byte that may end the present state. */
  #pass(bytes: Uint8Array, from: number): number {
    const stop = this.#stop()
    if (stop === 0) return from
    let at = from
    while (at < bytes.length && bytes[at]! >= 32 && bytes[at] !== stop) at += 1
    return at
  }

  #stop(): number {
    if (this.#state === 'text') return LT
    if (this.#state === 'quote') return this.#quote
    const ending = this.#state === 'comment' || this.#state === 'cdata' ? ENDS[this.#state].byte : 0
    return this.#ending === 0 ? ending : 0
  }

  #step(byte: number): void {
    if (byte < 32) this.#control(byte)
    switch (this.#state) {
      case 'text':
        if (byte === LT) this.#state = 'open'
        break
      case 'open':
        this.#open(byte)
        break
      case 'bang':
        this.#bang(byte)
        break
      case 'comment':
      case 'cdata':
      case 'pi':
        this.#skipTo(ENDS[this.#state], byte)
        break
      case 'name':
      case 'tag':
        this.#tag(byte)
        break
      case 'quote':
        if (byte === this.#quote) this.#state = 'tag'
        break
      case 'close':
        if (byte === GT) this.#closeElement()
    }
  }

  #closeElement(): void {
    this.#path.pop()
    this.#state = 'text'
  }

  #control(byte: number): void {
    if (byte === LF) this.#line += 1
    else if (byte !== TAB && byte !== CR) {
      const found = `byte 0x${byte.toString(16).padStart(2, '0')}`
      throw refusal('packet-malformed', 'character-forbidden', { line: this.#line, found })
    }
  }

  #open(byte: number): void {
    if (this.#afterCut && byte !== SLASH) this.#skeleton.markMixed()
    this.#afterCut = false
    this.#word = ''
    this.#ending = 0
    if (byte === SLASH) this.#state = 'close'
    else if (byte === QUESTION) this.#state = 'pi'
    else if (byte === BANG) this.#state = 'bang'
    else {
      this.#state = 'name'
      this.#slashed = false
      this.#tag(byte)
    }
  }

  #bang(byte: number): void {
    this.#word += String.fromCharCode(byte)
    const known = Object.keys(BANGS).filter((begin) => begin.startsWith(this.#word))
    if (known.length === 0) {
      throw refusal('packet-refused', 'doctype-forbidden', { line: this.#line, found: `<!${this.#word}…` })
    }
    if (!known.includes(this.#word)) return
    this.#state = BANGS[this.#word]!
    this.#ending = 0
  }

  #skipTo(end: { byte: number; count: number }, byte: number): void {
    if (byte === GT && this.#ending >= end.count) {
      if (this.#state === 'pi') this.#checkInstruction()
      this.#state = 'text'
      return
    }
    this.#ending = byte === end.byte ? this.#ending + 1 : 0
    if (this.#state === 'pi' && this.#word.length < WORD_LENGTH) this.#word += String.fromCharCode(byte)
  }

  #checkInstruction(): void {
    if (this.#elements === 0 && /^xml\s/.test(this.#word)) checkDeclaration(this.#word)
    else {
      const found = `<?${this.#word}`
      throw refusal('packet-refused', 'processing-instruction-forbidden', { line: this.#line, found })
    }
  }

  #tag(byte: number): void {
    if (byte === GT) {
      this.#endTag()
      return
    }
    if (this.#state === 'name') {
      if (byte > 32 && byte !== SLASH) {
        if (byte === COLON) this.#word = ''
        else if (this.#word.length < WORD_LENGTH) this.#word += String.fromCharCode(byte)
        return
      }
      this.#state = 'tag'
    }
    this.#slashed = byte === SLASH
    if (byte !== DOUBLE_QUOTE && byte !== APOSTROPHE) return
    this.#quote = byte
    this.#state = 'quote'
  }

  #endTag(): void {
    this.#state = 'text'
    this.#elements += 1
    if (this.#elements > this.#limits.elements) throw tooLarge('elements', this.#limits.elements, this.#line)
    if (this.#path.length >= this.#limits.depth) {
      throw refusal('packet-refused', 'too-deep', {
        line: this.#line,
        expected: `depth <= ${this.#limits.depth}`,
      })
    }
    if (this.#slashed) return
    this.#path.push(this.#word)
    this.#opening = this.#pathIsContent()
  }

  #pathIsContent(): boolean {
    return (
      this.#path.length === CONTENT_PATH.length &&
      CONTENT_PATH.every((name, index) => name === this.#path[index])
    )
  }

  #openCut(start: number): void {
    this.#skeleton.openCut(start, this.#line)
    this.#opening = false
    this.#state = 'cut'
  }

  #closeCut(end: number): void {
    this.#skeleton.closeCut(end, this.#line)
    this.#afterCut = true
    this.#state = 'text'
  }
}
