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

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/**
 * Looks through the whole file once, window by window. A signature dictionary that can be verified never lies in a
 * compressed stream, for its /Contents would be covered by the digest it holds.
 */
export async function surveyPdf(source: ByteSource): Promise<PdfSurvey> {
  const byteRanges: number[] = []
  let encrypted = false
  let mentions = false
  for (let at = 0; at < source.length; at += WINDOW) {
    const text = latin1(await source.read(at, Math.min(at + WINDOW + OVERLAP, source.length)))
    for (const { index } of text.matchAll(/\/ByteRange[\s\0]*(?:\[|\d)/g)) {
      if (index < WINDOW) byteRanges.push(at + index)
    }
    encrypted ||= /\/Encrypt[\s\0]*(?:\d+[\s\0]+\d+[\s\0]+R|<<)/.test(text)
    mentions ||= /\/SubFilter[\s\0]*\/(?:adbe|ETSI|CAdES)|\/ByteRange[\s\0]/.test(text)
    if (byteRanges.length > MAX_FOUND) return { byteRanges: [], encrypted, tooMany: true, mentions: true }
  }
  return { byteRanges, encrypted, tooMany: false, mentions }
}
