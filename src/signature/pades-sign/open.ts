import { bytesSource } from '../byte-source.ts'
import { PdfDocument } from '../formats/pdf-document.ts'
import { PdfFile } from '../formats/pdf-file.ts'
import {
  isArray,
  isDict,
  isReference,
  type PdfDict,
  PdfDoubt,
  type PdfReference,
  type PdfValue,
} from '../formats/pdf-syntax.ts'
import { placesOf, readRevision, rootOf } from '../formats/pdf-xref.ts'
import { type Box, boxOf, type Page, pagesOf } from './page.ts'
import { unsealable } from './refusal.ts'
import type { Base } from './write.ts'

/** A signature that shows on a page. */
export interface VisibleSignature {
  readonly page: Page
  readonly box: Box
  /** Where what it covers ends: of two, the later is longer. */
  readonly end: number
}

/** A PDF that may be signed once more. */
export interface OpenPdf {
  readonly document: PdfDocument
  readonly base: Base
  readonly root: PdfReference
  readonly catalog: PdfDict
  /** The interactive form, with its reference where it is an object of its own. */
  readonly form: PdfDict | undefined
  readonly formRef: PdfReference | undefined
  readonly fields: readonly PdfValue[]
  readonly fieldNames: ReadonlySet<string>
  /** Whether it bears a signature already. */
  readonly signed: boolean
  page(number: number): Promise<Page>
  /** The signature that shows on a page and was made last. */
  lastVisible(): Promise<VisibleSignature | undefined>
}

const MAX_FIELDS = 10_000

/**
 * Opens a PDF for one more signature.
 * @throws GatewayError `pdf-unsealable` where it is encrypted, certified against changes, locked, an XFA form, or cannot
 *   be read with certainty
 */
export async function openPdf(bytes: Uint8Array): Promise<OpenPdf> {
  try {
    return await open(bytes)
  } catch (error) {
    if (!(error instanceof PdfDoubt)) throw error
    throw unsealable(error.message === 'encrypted' ? 'pdf-encrypted' : 'pdf-malformed', error.message)
  }
}

async function open(bytes: Uint8Array): Promise<OpenPdf> {
  const file = new PdfFile(bytesSource(bytes))
  if ((await file.text(0, 5)) !== '%PDF-') throw unsealable('pdf-malformed', '%PDF-')
  const revision = await readRevision(file, false)
  const document = new PdfDocument(file, revision)
  const root = { ref: rootOf(revision), generation: document.generation(rootOf(revision)) }
  const catalog = await document.resolve(root)
  if (!isDict(catalog)) throw unsealable('pdf-malformed', '/Root')
  const given = catalog.get('/AcroForm')
  const form = await document.resolve(given)
  if (form !== undefined && form !== null && !isDict(form)) throw unsealable('pdf-malformed', '/AcroForm')
  if (form?.has('/XFA')) throw unsealable('pdf-form-xfa')
  const fields = (await document.resolve(form?.get('/Fields'))) ?? []
  if (!isArray(fields)) throw unsealable('pdf-malformed', '/Fields')
  const found = await signatureFields(document, fields)
  await refuseCertified(document, catalog, found.signed)
  const newest = revision.sections[0]!.trailer
  const size = newest.get('/Size')
  const numbers = [...placesOf(revision).keys()]
  return {
    document,
    base: {
      length: bytes.length,
      startXref: revision.startXref,
      xrefStream: newest.get('/Type') === '/XRef',
      trailer: newest.has('/Root') ? newest : new Map([...newest, ['/Root', root]]),
      nextNumber: numbers.reduce((most, one) => Math.max(most, one + 1), typeof size === 'number' ? size : 1),
    },
    root,
    catalog,
    form: form ?? undefined,
    formRef: isReference(given) ? given : undefined,
    fields,
    fieldNames: found.names,
    signed: found.signed.length > 0,
    page: async (number) => {
      let index = 0
      for await (const page of pagesOf(document, catalog)) if (++index === number) return page
      throw unsealable('page-unknown', String(number))
    },
    lastVisible: () => lastVisible(document, catalog, found.signed),
  }
}

interface SignedField {
  readonly field: PdfDict
  readonly ref: PdfReference | undefined
  readonly value: PdfDict
}

/** Signed fields, wherever in the tree of fields, and the names at its top. */
async function signatureFields(document: PdfDocument, fields: readonly PdfValue[]) {
  const signed: SignedField[] = []
  const names = new Set<string>()
  const open = fields.map((item) => ({ item, depth: 0, type: undefined as PdfValue | undefined }))
  for (let seen = 0; open.length > 0; seen++) {
    const { item, depth, type: above } = open.pop()!
    if (seen > MAX_FIELDS || depth > 16) throw unsealable('pdf-malformed', '/Fields')
    const field = await document.resolve(item)
    if (!isDict(field)) continue
    const name = await document.resolve(field.get('/T'))
    if (depth === 0 && typeof name === 'string') names.add(decodedText(name))
    const type = field.get('/FT') ?? above
    const kids = await document.resolve(field.get('/Kids'))
    if (isArray(kids)) for (const kid of kids) open.push({ item: kid, depth: depth + 1, type })
    const value = type === '/Sig' ? await document.resolve(field.get('/V')) : undefined
    if (isDict(value)) signed.push({ field, ref: isReference(item) ? item : undefined, value })
  }
  return { signed, names }
}

/** A PDF string as text: UTF-16 with its mark, or one byte for each character. */
function decodedText(value: string): string {
  const bytes = Buffer.from(value.slice(1), 'latin1')
  return bytes[0] === 0xfe && bytes[1] === 0xff
    ? Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)))
        .swap16()
        .toString('utf16le')
    : bytes.toString('latin1')
}

const NO_CHANGES = 1

/** DocMDP (ISO 32000-2 §12.8.2.2), by the catalog or by any signature, and locks of signature fields (§12.7.5.5). */
async function refuseCertified(
  document: PdfDocument,
  catalog: PdfDict,
  signed: readonly SignedField[],
): Promise<void> {
  const perms = await document.resolve(catalog.get('/Perms'))
  const certifying = isDict(perms) ? await document.resolve(perms.get('/DocMDP')) : undefined
  const values = [...signed.map(({ value }) => value), ...(isDict(certifying) ? [certifying] : [])]
  for (const value of values) {
    const references = await document.resolve(value.get('/Reference'))
    for (const item of isArray(references) ? references : []) {
      const one = await document.resolve(item)
      if (!isDict(one) || one.get('/TransformMethod') !== '/DocMDP') continue
      const parameters = await document.resolve(one.get('/TransformParams'))
      if (isDict(parameters) && (await document.resolve(parameters.get('/P'))) === NO_CHANGES)
        throw unsealable('pdf-certified')
    }
  }
  for (const { field } of signed) {
    const lock = await document.resolve(field.get('/Lock'))
    if (isDict(lock) && (await document.resolve(lock.get('/P'))) === NO_CHANGES)
      throw unsealable('pdf-locked')
  }
}

async function lastVisible(
  document: PdfDocument,
  catalog: PdfDict,
  signed: readonly SignedField[],
): Promise<VisibleSignature | undefined> {
  const shown: { box: Box; end: number; ref: PdfReference | undefined; page: PdfValue | undefined }[] = []
  for (const { field, ref, value } of signed) {
    const box = boxOf(await document.resolve(field.get('/Rect')))
    const range = await document.resolve(value.get('/ByteRange'))
    const end = isArray(range) ? Number(range[2]) + Number(range[3]) : 0
    if (box !== undefined && box[0] < box[2] && box[1] < box[3])
      shown.push({ box, end, ref, page: field.get('/P') })
  }
  const [last] = shown.sort((a, b) => b.end - a.end)
  if (last === undefined) return undefined
  const page = await pageWith(document, catalog, last.page, last.ref)
  return page && { page, box: last.box, end: last.end }
}

/** The page that a widget names, or that names the widget. */
async function pageWith(
  document: PdfDocument,
  catalog: PdfDict,
  named: PdfValue | undefined,
  widget: PdfReference | undefined,
): Promise<Page | undefined> {
  for await (const page of pagesOf(document, catalog)) {
    if (isReference(named) && named.ref === page.ref.ref) return page
    if (isReference(named) || widget === undefined) continue
    const annotations = await document.resolve(page.value.get('/Annots'))
    if (isArray(annotations) && annotations.some((one) => isReference(one) && one.ref === widget.ref))
      return page
  }
  return undefined
}
