import { type ByteSource, WINDOW } from '../byte-source.ts'
import { invalid, unverifiable } from '../checks.ts'

/** The largest /Contents that is read, in hex digits: far above any signature with its timestamps. */
const MAX_CONTENTS = 16 * 1024 * 1024
/** How far the entries of one signature dictionary lie from each other, at most, in bytes without /Contents. */
const MAX_DICTIONARY = 16 * 1024
const MAX_FOUND = 64

export interface PdfSurvey {
  /** Where `/ByteRange [` stands, and its numbers. */
  readonly byteRanges: readonly { readonly at: number; readonly text: string }[]
  readonly encrypted: boolean
  /** More signatures than any file has. */
  readonly tooMany: boolean
}

/** Looks through the whole file once, window by window. Signature dictionaries can never lie in compressed streams. */
export async function surveyPdf(source: ByteSource): Promise<PdfSurvey> {
  const overlap = 256
  const byteRanges = new Map<number, string>()
  let encrypted = false
  for (let at = 0; at < source.length; at += WINDOW) {
    const text = latin1(await source.read(at, Math.min(at + WINDOW + overlap, source.length)))
    for (const match of text.matchAll(/\/ByteRange[\s\0]*(?:\[[\d\s\0]*\]?|\d)/g)) {
      if (match.index < WINDOW)
        byteRanges.set(at + match.index, match[0].match(/\d+/g)?.map(Number).join(' ') ?? '')
    }
    encrypted ||= /\/Encrypt[\s\0]*(?:\d+[\s\0]+\d+[\s\0]+R|<<)/.test(text)
    if (byteRanges.size > MAX_FOUND) return { byteRanges: [], encrypted, tooMany: true }
  }
  return {
    byteRanges: [...byteRanges].map(([start, text]) => ({ at: start, text })).sort((a, b) => a.at - b.at),
    encrypted,
    tooMany: false,
  }
}

/** A signature dictionary (ISO 32000-2 §12.8.1): what it covers and the DER in its /Contents, with padding. */
export interface PdfSignature {
  readonly subFilter: string | undefined
  /** The two covered parts: [0, gapStart) and [gapEnd, end). */
  readonly gapStart: number
  readonly gapEnd: number
  readonly end: number
  readonly contents: Uint8Array
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

const BYTE_RANGE =
  /^\/ByteRange[\s\0]*\[[\s\0]*(\d{1,15})[\s\0]+(\d{1,15})[\s\0]+(\d{1,15})[\s\0]+(\d{1,15})[\s\0]*\]/

/**
 * Reads the dictionary whose /ByteRange stands at `at`. The range must start at the beginning of the file and leave
 * out exactly the hex string of this dictionary's own /Contents: anything else hides bytes from the signature.
 * @throws SignatureStop
 */
export async function readPdfSignature(source: ByteSource, at: number): Promise<PdfSignature> {
  const entry = latin1(await source.read(at, Math.min(at + 256, source.length)))
  const range = BYTE_RANGE.exec(entry)?.slice(1).map(Number)
  if (range === undefined) throw unverifiable('form', 'pdf-placeholder', entry.slice(0, 60))
  const [first, gapStart, gapEnd, tail] = range as [number, number, number, number]
  if (gapStart + gapEnd + tail === 0) throw unverifiable('form', 'pdf-placeholder')
  const end = gapEnd + tail
  const isSane = first === 0 && gapStart > 0 && gapStart + 2 <= gapEnd && end <= source.length
  if (!isSane) throw invalid('form', 'byte-range', range.join(' '))
  if (gapEnd - gapStart > MAX_CONTENTS)
    throw unverifiable('form', 'cms-unreadable', String(gapEnd - gapStart))
  const contents = hexString(latin1(await source.read(gapStart, gapEnd)))
  const dictionary = await dictionaryText(source, at, gapStart, gapEnd)
  return {
    subFilter: /\/SubFilter[\s\0]*\/([^\s\0/<>[\]()]+)/.exec(dictionary)?.[1],
    gapStart,
    gapEnd,
    end,
    contents,
  }
}

/** The gap must be one hex string and nothing else (ISO 32000-2 §7.3.4.3). */
function hexString(gap: string): Uint8Array {
  const digits = /^<([0-9A-Fa-f\s\0]*)>$/.exec(gap)?.[1]?.replace(/[\s\0]/g, '')
  if (digits === undefined || digits.length % 2 !== 0) throw invalid('form', 'byte-range', 'gap ≠ /Contents')
  if (/^0*$/.test(digits)) throw unverifiable('form', 'pdf-placeholder')
  return Buffer.from(digits, 'hex')
}

/** The text of the dictionary around the gap; the gap must follow its /Contents, in the same object. */
async function dictionaryText(
  source: ByteSource,
  at: number,
  gapStart: number,
  gapEnd: number,
): Promise<string> {
  const first = Math.min(at, gapStart)
  const last = Math.max(at, gapEnd)
  const wrong = () => invalid('form', 'byte-range', 'gap ≠ /Contents')
  if (at > gapStart && at < gapEnd) throw wrong()
  const between = at < gapStart ? [at, gapStart] : [gapEnd, at]
  if (between[1]! - between[0]! > MAX_DICTIONARY) throw wrong()
  const read = async (start: number, end: number) =>
    latin1(await source.read(Math.max(0, start), Math.min(end, source.length)))
  const before = (await read(first - MAX_DICTIONARY, first)).split(/\bobj\b/).at(-1)!
  const inside = await read(between[0]!, between[1]!)
  const after = (await read(last, last + MAX_DICTIONARY)).split(/\bendobj\b|\bstream\b/)[0]!
  const key = at < gapStart ? inside : before
  if (!/\/Contents[\s\0]*$/.test(key) || /\bendobj\b|\bstream\b/.test(inside)) throw wrong()
  return `${before} ${inside} ${after}`
}
