import { type ByteSource, WINDOW } from '../byte-source.ts'

const MAX_FOUND = 64
/** Longer than any of the patterns, in bytes. */
const OVERLAP = 256

export interface PdfSurvey {
  /** Where `/ByteRange [` stands. */
  readonly byteRanges: readonly number[]
  readonly encrypted: boolean
  /** More signatures than any file has. */
  readonly tooMany: boolean
  /** Whether the file speaks of a signature outside its compressed streams. */
  readonly mentions: boolean
}

/** What is looked for, by its fixed beginning: searching bytes for that is far cheaper than matching them as text. */
const PATTERNS = {
  byteRange: ['/ByteRange', /^\/ByteRange[\s\0]*(?:\[|\d)/],
  encrypted: ['/Encrypt', /^\/Encrypt[\s\0]*(?:\d+[\s\0]+\d+[\s\0]+R|<<)/],
  mentions: ['/SubFilter', /^\/SubFilter[\s\0]*\/(?:adbe|ETSI|CAdES)/],
} as const

/**
 * Looks through the whole file once, window by window. A signature dictionary that can be verified never lies in a
 * compressed stream, for its /Contents would be covered by the digest it holds.
 */
export async function surveyPdf(source: ByteSource): Promise<PdfSurvey> {
  const byteRanges: number[] = []
  let encrypted = false
  let mentions = false
  for (let at = 0; at < source.length; at += WINDOW) {
    const bytes = await source.read(at, Math.min(at + WINDOW + OVERLAP, source.length))
    const window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (const index of matches(window, PATTERNS.byteRange)) {
      byteRanges.push(at + index)
      if (byteRanges.length > MAX_FOUND) return { byteRanges: [], encrypted, tooMany: true, mentions: true }
    }
    encrypted ||= matches(window, PATTERNS.encrypted).next().done === false
    mentions ||= matches(window, PATTERNS.mentions).next().done === false
  }
  return { byteRanges, encrypted, tooMany: false, mentions: mentions || byteRanges.length > 0 }
}

/** Where a pattern begins within the first `WINDOW` bytes; what follows only completes the last of them. */
function* matches(window: Buffer, [word, pattern]: readonly [string, RegExp]): Generator<number> {
  for (let at = window.indexOf(word, 0, 'latin1'); at >= 0; at = window.indexOf(word, at + 1, 'latin1')) {
    if (at >= WINDOW) return
    if (pattern.test(window.toString('latin1', at, at + OVERLAP))) yield at
  }
}
