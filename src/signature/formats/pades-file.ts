import type { ByteSource } from '../byte-source.ts'
import { type CheckedSignature, checking, invalid, type SignatureStop, unverifiable } from '../checks.ts'
import type { CheckedTimestamp } from '../timestamp/checked-timestamp.ts'
import { joinMaterial } from '../validation-material.ts'
import type { CmsOptions } from './cms.ts'
import { type CheckedPdfSignature, checkOpened, type OpenedSignature, openSignatures } from './pades.ts'
import { coverageFacts } from './pades-coverage.ts'
import { type PdfOutline, readOutline } from './pades-outline.ts'
import { type PdfSurvey, surveyPdf } from './pades-survey.ts'
import type { PdfDocument } from './pdf-document.ts'
import { PdfDoubt } from './pdf-syntax.ts'

const MAX_UNTOLD = 64

/**
 * Checks every signature of a PDF and gives all facts: whether it fits its bytes, whether they are the whole file, what
 * later revisions changed and whether the signer permits that, with the validation data of the file (ISO 32000-2 §12.8,
 * EN 319 142-1). Says nothing of trust. Memory stays flat whatever the length of the file. Empty where there is none.
 */
export async function checkPdf(source: ByteSource, options: CmsOptions = {}): Promise<CheckedSignature[]> {
  const survey = await surveyPdf(source)
  const opened = await openSignatures(source, survey)
  const found = await checkOpened(source, opened, options)
  const ends = [...new Set(found.map(({ end }) => end))].filter((end) => end > 0)
  const outline = await readOutline(source, ends)
  const signatures = await withoutContent(found, outline, source.length)
  const facts = await coverageFacts(source, signatures, outline, survey.encrypted && !outline.isReadable)
  const checked = signatures.map((one, index) => complete(one, facts[index]!, signatures, outline))
  return [...checked, ...(await untold(opened, outline, survey))]
}

/**
 * What stands in the data of a stream and in no field is content: the signature of a file that is attached, or words
 * about one. It is left out where the structure of the file is beyond doubt, and where it does not fit anyway.
 */
async function withoutContent(
  signatures: readonly CheckedPdfSignature[],
  { documents, fields }: PdfOutline,
  length: number,
): Promise<CheckedPdfSignature[]> {
  const kept: CheckedPdfSignature[] = []
  for (const one of signatures) {
    const { at, checked, objectAt } = one
    const isField = objectAt !== undefined && fields.has(objectAt)
    const isContent = checked.state !== 'valid' && !isField && (await isInStream(documents.get(length), at))
    if (!isContent) kept.push(one)
  }
  return kept
}

async function isInStream(document: PdfDocument | undefined, at: number): Promise<boolean> {
  try {
    return document !== undefined && (await document.isInStream(at))
  } catch (error) {
    if (error instanceof PdfDoubt) return false
    throw error
  }
}

/** Adds the name of the field, the validation data of the file and the document timestamps that stand over it. */
function complete(
  { checked, end, objectAt, at }: CheckedPdfSignature,
  facts: Partial<CheckedSignature>,
  all: readonly CheckedPdfSignature[],
  outline: PdfOutline,
): CheckedSignature {
  const id = objectAt === undefined ? undefined : outline.fields.get(objectAt)?.name
  if (checked.counterSignature === true) return { ...checked, id: `@${at}/${checked.id}` }
  const material = joinMaterial(checked.material, outline.material)
  return {
    ...checked,
    ...facts,
    id: id || `@${at}`,
    material,
    embedded: material.certificates,
    timestamps: [...checked.timestamps, ...(end > 0 ? timestampsOver(end, all) : [])],
  }
}

/** A document timestamp stands over all that lies before its end, earlier signatures among it. */
const timestampsOver = (end: number, all: readonly CheckedPdfSignature[]): CheckedTimestamp[] =>
  all.flatMap((one) => (one.timestamp !== undefined && one.end > end ? [one.timestamp] : []))

/** Signatures that a reader may show, and that the search for their bytes has not found. */
async function untold(
  opened: readonly (OpenedSignature | CheckedPdfSignature)[],
  outline: PdfOutline,
  survey: PdfSurvey,
): Promise<CheckedSignature[]> {
  const hidden = [...outline.fields.values()].filter(({ objectAt }) => !isTold(objectAt, opened))
  const found: CheckedSignature[] = []
  for (const { name } of [...outline.packed, ...hidden].slice(0, MAX_UNTOLD))
    found.push({ ...(await stopped(invalid('form', 'pdf-signature-hidden', name))), id: name })
  if (opened.length + found.length > 0 || !survey.mentions || outline.isReadable) return found
  return [await stopped(unverifiable('form', 'pdf-unreadable'))]
}

/** A /ByteRange whose object was not found is told by its position: it may be that of the field. */
const isTold = (
  place: number | undefined,
  opened: readonly (OpenedSignature | CheckedPdfSignature)[],
): boolean =>
  opened.some(({ at, objectAt }) => objectAt === place || (objectAt === undefined && at > (place ?? at)))

const stopped = (stop: SignatureStop): Promise<CheckedSignature> =>
  checking('pades', () => Promise.reject(stop))
