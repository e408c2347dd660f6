import { randomUUID } from 'node:crypto'
import type { PacketLimits } from './limits.ts'
import { tooLarge } from './refuse.ts'
import type { Cut, Skeleton } from './skeleton.ts'

/** Gathers what the lexer keeps, and puts a placeholder where it cuts. Lines are 1-based received lines. */
export class SkeletonBuilder {
  readonly #limits: PacketLimits
  readonly #nonce = randomUUID()
  readonly #kept: Uint8Array[] = []
  readonly #cuts: Cut[] = []
  #length = 0
  #skip = 0
  #skippedLines = 0
  #open = { start: 0, line: 0 }

  constructor(limits: PacketLimits) {
    this.#limits = limits
  }

  skip(bytes: number, lines: number): void {
    this.#skip = bytes
    this.#skippedLines = lines
  }

  /** Copies: a view would hold the whole received chunk in memory. */
  keep(bytes: Uint8Array, line: number): void {
    if (bytes.length === 0) return
    this.#length += bytes.length
    if (this.#length > this.#limits.skeletonBytes) {
      throw tooLarge('bytes without attachment content', this.#limits.skeletonBytes, line)
    }
    this.#kept.push(new Uint8Array(bytes))
  }

  openCut(start: number, line: number): void {
    if (this.#cuts.length >= this.#limits.attachments) {
      throw tooLarge('attachments', this.#limits.attachments, line)
    }
    this.#open = { start, line }
  }

  closeCut(end: number, endLine: number): void {
    const { start, line } = this.#open
    const lineFeeds = endLine - line
    const placeholder = `tram-cut-${this.#nonce}-${this.#cuts.length}${lineFeeds > 0 ? '\n' : ''}`
    this.#cuts.push({ placeholder, start, end, line, lineFeeds, mixed: false })
    this.keep(Buffer.from(placeholder), endLine)
  }

  /** The text of the last cut is followed by something other than its closing tag. */
  markMixed(): void {
    this.#cuts.push({ ...this.#cuts.pop()!, mixed: true })
  }

  finish(): Skeleton {
    const bytes = Buffer.concat(this.#kept)
    return { bytes, cuts: this.#cuts, skip: this.#skip, skippedLines: this.#skippedLines }
  }
}
