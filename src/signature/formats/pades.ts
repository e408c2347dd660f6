import { type ByteSource, chunksOf } from '../byte-source.ts'
import { type CheckedSignature, checking, unverifiable } from '../checks.ts'
import type { CheckedTimestamp } from '../timestamp/checked-timestamp.ts'
import type { CmsOptions, Content } from './cms.ts'
import {
  findDictionary,
  type PdfSignature,
  type PlacedDictionary,
  readPdfSignature,
} from './pades-dictionary.ts'
import { type CheckedContents, checkContents } from './pades-subfilter.ts'
import type { PdfSurvey } from './pades-survey.ts'
import { PdfFile } from './pdf-file.ts'
import type { PdfDict } from './pdf-syntax.ts'

/** Bytes that are hashed for all signatures of a file together: some seconds' work. */
const MAX_COVERED = 8 * 1024 ** 3

/** Characters that are parsed in search of signature dictionaries. */
const MAX_PARSED = 64 * 1024 * 1024
/** Bytes of /Contents that are kept for all signatures of a file together. */
const MAX_CONTENTS = 32 * 1024 * 1024

/** One signature of a PDF, before it is weighed against the others of the file. */
export interface CheckedPdfSignature {
  readonly checked: CheckedSignature
  /** A document timestamp (ETSI.RFC3161) attests a time, not a signer. */
  readonly isTimestamp: boolean
  readonly timestamp?: CheckedTimestamp
  /** Where the covered bytes end; 0 where that is not known, or more is left out than the signature itself. */
  readonly end: number
  /** Where its /ByteRange stands, and the object that holds it. */
  readonly at: number
  readonly objectAt?: number
  readonly dict?: PdfDict
  /** Its /ByteRange as read. */
  readonly ranges?: PdfSignature['ranges']
}

/** A signature dictionary that was read, and not checked yet. */
export interface OpenedSignature {
  readonly at: number
  readonly objectAt: number
  readonly signature: PdfSignature
}

/** Reads every dictionary with a /ByteRange; one that cannot be read is checked with that. */
export async function openSignatures(
  source: ByteSource,
  { byteRanges, tooMany }: PdfSurvey,
): Promise<(OpenedSignature | CheckedPdfSignature)[]> {
  if (tooMany) return [await unread(0)]
  const opened: (OpenedSignature | CheckedPdfSignature)[] = []
  const file = new PdfFile(source).withWork(MAX_PARSED)
  let kept = 0
  for (const at of byteRanges) {
    const one = kept > MAX_CONTENTS ? await unread(at) : await openSignature(file, at)
    if ('signature' in one) kept += one.signature.contents.length
    opened.push(one)
  }
  return opened
}

async function unread(at: number): Promise<CheckedPdfSignature> {
  const stop = unverifiable('form', 'too-many-signatures')
  return { checked: await checking('pades', () => Promise.reject(stop)), isTimestamp: false, end: 0, at }
}

/** Checks what was opened; a copy of another signature is left out. */
export async function checkOpened(
  source: ByteSource,
  opened: readonly (OpenedSignature | CheckedPdfSignature)[],
  options: CmsOptions,
): Promise<CheckedPdfSignature[]> {
  const found: CheckedPdfSignature[] = []
  let covered = 0
  for (const [index, one] of opened.entries()) {
    if ('checked' in one) found.push(one)
    else if (!isCopy(one.signature, index, opened)) {
      covered += one.signature.ranges.reduce((sum, { start, end }) => sum + end - start, 0)
      found.push(...(covered > MAX_COVERED ? [await unread(one.at)] : await checkOne(source, one, options)))
    }
  }
  return found
}

async function openSignature(file: PdfFile, at: number): Promise<OpenedSignature | CheckedPdfSignature> {
  let placed: PlacedDictionary | undefined
  let signature: PdfSignature | undefined
  const checked = await checking('pades', async () => {
    placed = await findDictionary(file, at)
    signature = readPdfSignature(placed, file.end)
  })
  if (signature !== undefined) return { at, objectAt: signature.objectAt, signature }
  const where = placed === undefined ? {} : { objectAt: placed.objectAt, dict: placed.ranged.dict }
  return { checked, isTimestamp: false, end: 0, at, ...where }
}

/**
 * A later revision may write an object anew that holds a signature dictionary: the same /ByteRange and /Contents then
 * stand in the file twice. The one that stands where its range says is the signature, or else the first.
 */
function isCopy(
  signature: PdfSignature,
  index: number,
  all: readonly (OpenedSignature | CheckedPdfSignature)[],
): boolean {
  if (signature.isExact) return false
  return all.some((other, position) => {
    if (!('signature' in other) || position === index) return false
    const isSame =
      Buffer.from(other.signature.contents).equals(signature.contents) &&
      JSON.stringify(other.signature.ranges) === JSON.stringify(signature.ranges)
    return isSame && (other.signature.isExact || position < index)
  })
}

async function checkOne(
  source: ByteSource,
  { at, signature }: OpenedSignature,
  options: CmsOptions,
): Promise<CheckedPdfSignature[]> {
  const covered: Content = async function* () {
    for (const { start, end } of signature.ranges) yield* chunksOf(source, start, end)
  }
  let contents: CheckedContents | undefined
  const form = await checking('pades', async () => {
    contents = await checkContents(signature, covered, options)
  })
  const { signatures, timestamp } = contents ?? { signatures: [form], timestamp: undefined }
  return signatures.map((checked) => {
    // A countersignature is over another signature's value, and over nothing of the file.
    if (checked.counterSignature === true) return { checked, isTimestamp: false, end: 0, at }
    return {
      checked: { ...checked, references: referencesOf(checked) },
      isTimestamp: timestamp !== undefined,
      ...(timestamp !== undefined && { timestamp: timestamp.timestamp }),
      end: signature.isExact ? signature.end : 0,
      at,
      objectAt: signature.objectAt,
      dict: signature.dict,
      ranges: signature.ranges,
    }
  })
}

const referencesOf = ({ references }: CheckedSignature): CheckedSignature['references'] =>
  references.length === 0
    ? [{ uri: 'ByteRange', intact: null }]
    : references.map(({ intact }) => ({ uri: 'ByteRange', intact }))
