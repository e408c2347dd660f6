import { invalid, unverifiable } from '../checks.ts'
import type { PdfFile } from './pdf-file.ts'
import { isArray, PdfCut, type PdfDict, PdfDoubt, type PdfValue, type RangedDict } from './pdf-syntax.ts'

/** How far before its /ByteRange, /Contents left aside, the object of a signature dictionary begins; bytes. */
const MAX_LEAD = 64 * 1024
const MAX_TRIES = 8
/** Numbers in one /ByteRange; two pairs are the rule. */
const MAX_NUMBERS = 32

/** A signature dictionary (ISO 32000-2 §12.8.1) as it stands in the file. */
export interface PdfSignature {
  readonly dict: PdfDict
  /** Where the indirect object begins that holds the dictionary. */
  readonly objectAt: number
  readonly subFilter: string | undefined
  /** The covered parts in the order of their digest; ends exclusive. Two of them, in order, are the rule. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[]
  /** Where the last of the covered bytes ends. */
  readonly end: number
  /** What /Contents holds, with padding. */
  readonly contents: Uint8Array
  /** Whether the range runs from the first byte and leaves out nothing but the hex string of its own /Contents. */
  readonly isExact: boolean
}

/** A dictionary with a /ByteRange, and the indirect object that it stands in. */
export interface PlacedDictionary {
  readonly objectAt: number
  readonly ranged: RangedDict
  /** Whether /Contents is written as a hex string. */
  readonly isHex: boolean
}

/** Finds the dictionary whose /ByteRange stands at `at`. @throws SignatureStop */
export async function findDictionary(file: PdfFile, at: number): Promise<PlacedDictionary> {
  return openObject(file, at, await guessGap(file, at))
}

/** Reads a signature dictionary in a file of `length` bytes. @throws SignatureStop */
export function readPdfSignature(placed: PlacedDictionary, length: number): PdfSignature {
  const { objectAt, ranged, isHex } = placed
  const { dict } = ranged
  const ranges = rangesOf(dict.get('/ByteRange'), length)
  const contents = dict.get('/Contents')
  if (typeof contents !== 'string' || !contents.startsWith('(') || ranged.contents === undefined)
    throw invalid('form', 'signature-malformed', '/Contents')
  const bytes = Buffer.from(contents.slice(1), 'latin1')
  if (!bytes.some((byte) => byte !== 0)) throw unverifiable('form', 'pdf-placeholder', '/Contents')
  const { start, end } = ranged.contents
  const [first, second] = ranges
  const subFilter = dict.get('/SubFilter')
  return {
    dict,
    objectAt,
    subFilter: typeof subFilter === 'string' ? subFilter.slice(1) : undefined,
    ranges,
    end: Math.max(...ranges.map((range) => range.end)),
    contents: bytes,
    isExact:
      isHex &&
      ranges.length === 2 &&
      first!.start === 0 &&
      first!.end === objectAt + start &&
      second!.start === objectAt + end,
  }
}

/** Where the first gap of the range begins, as written: /Contents may be longer than any lead before /ByteRange. */
async function guessGap(file: PdfFile, at: number): Promise<number | undefined> {
  const numbers = /^\/ByteRange[\s\0]*\[[\s\0]*\d{1,15}[\s\0]+(\d{1,15})[\s\0]+(\d{1,15})/.exec(
    await file.text(at, at + 256),
  )
  const [start, end] = (numbers?.slice(1) ?? []).map(Number)
  return start !== undefined && end !== undefined && start < end && end <= at ? start : undefined
}

/** Finds the beginning of the object around a /ByteRange: the nearest from which the text reads as an object. */
async function openObject(
  file: PdfFile,
  at: number,
  gapStart: number | undefined,
): Promise<PlacedDictionary> {
  let doubt = 'obj'
  let tries = 0
  for (const stop of gapStart === undefined ? [at] : [at, gapStart]) {
    const from = Math.max(0, stop - MAX_LEAD)
    const lead = await file.text(from, stop)
    const starts = [...lead.matchAll(/(?<!\d)(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+obj\b/g)]
    for (const match of starts.reverse()) {
      if (++tries > MAX_TRIES) break
      const objectAt = from + match.index
      try {
        return await file.parse(
          objectAt,
          (parser) => {
            // The object may lack its end: some writers forget it, and what is signed is not changed by that.
            for (const word of [match[1], match[2], 'obj']) parser.expect(word!)
            parser.value()
            const ranged = parser.ranged.find(({ byteRangeAt }) => objectAt + byteRangeAt === at)
            if (ranged === undefined) throw new PdfDoubt('/ByteRange')
            return { objectAt, ranged, isHex: isHexString(parser.text, ranged) }
          },
          mayRepeat,
        )
      } catch (error) {
        if (!(error instanceof PdfDoubt)) throw error
        if (error.message !== '/ByteRange') doubt = error.message
        // What has no end from here has none from further ahead, and is long to read.
        if (error instanceof PdfCut) throw unverifiable('form', 'signature-malformed', doubt)
      }
    }
  }
  throw unverifiable('form', 'signature-malformed', doubt)
}

/** What a signature is checked by must stand there once. */
const ONCE = new Set(['/ByteRange', '/Contents', '/SubFilter', '/Cert', '/Reference', '/V', '/Perms'])
const mayRepeat = (key: string): boolean => !ONCE.has(key)

const isHexString = (text: string, { contents }: RangedDict): boolean =>
  contents !== undefined && text[contents.start] === '<' && text[contents.start + 1] !== '<'

/** @throws SignatureStop where the range is still to be filled in, or leads nowhere */
function rangesOf(value: PdfValue | undefined, length: number): { start: number; end: number }[] {
  if (!isArray(value) || value.length < 2 || value.length % 2 !== 0 || value.length > MAX_NUMBERS)
    throw unverifiable('form', 'pdf-placeholder', '/ByteRange')
  if (!value.every((one): one is number => typeof one === 'number'))
    throw unverifiable('form', 'pdf-placeholder', '/ByteRange')
  if (value.slice(1).every((one) => one === 0)) throw unverifiable('form', 'pdf-placeholder', '/ByteRange')
  const ranges: { start: number; end: number }[] = []
  for (let index = 0; index < value.length; index += 2) {
    const [start, size] = [value[index]!, value[index + 1]!]
    const isSane = Number.isSafeInteger(start) && Number.isSafeInteger(size) && start >= 0 && size >= 0
    if (!isSane || start + size > length) throw invalid('form', 'byte-range', value.join(' '))
    ranges.push({ start, end: start + size })
  }
  return ranges
}
