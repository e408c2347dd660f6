import type { PdfDocument } from './pdf-document.ts'
import { isArray, isDict, isReference, type PdfDict, PdfDoubt, type PdfValue } from './pdf-syntax.ts'
import { pdfText } from './pdf-text.ts'

/** A signature field, or the entry of /Perms, that has a value. */
export interface SignedField {
  /** Its fully qualified name (ISO 32000-2 §12.7.4.2); `UR3` for usage rights. */
  readonly name: string
  /** Where the object with the signature dictionary stands in the file; undefined where it is in an object stream. */
  readonly objectAt: number | undefined
  /** /Lock: what the signature forbids to change (table 236). */
  readonly lock: PdfDict | undefined
}

const MAX_FIELDS = 20_000
const MAX_DEPTH = 32

/** Every signature that one revision of a document shows: those of its form, then usage rights. @throws PdfDoubt */
export async function signedFields(document: PdfDocument, root: number): Promise<SignedField[]> {
  const catalog = await document.object(root)
  if (!isDict(catalog)) throw new PdfDoubt('Root')
  const found: SignedField[] = []
  const form = await document.resolve(catalog.get('/AcroForm'))
  if (isDict(form)) await collect(document, form.get('/Fields'), { name: '', isSignature: false }, found)
  const permissions = await document.resolve(catalog.get('/Perms'))
  for (const key of ['/UR3', '/UR']) {
    const value = isDict(permissions) ? permissions.get(key) : undefined
    const holder = isReference(catalog.get('/Perms')) ? (catalog.get('/Perms') as { ref: number }).ref : root
    if (value !== undefined)
      found.push({ name: key.slice(1), objectAt: await placeOf(document, value, holder), lock: undefined })
  }
  return found
}

interface Above {
  readonly name: string
  readonly isSignature: boolean
}

async function collect(
  document: PdfDocument,
  list: PdfValue | undefined,
  top: Above,
  found: SignedField[],
): Promise<void> {
  const seen = new Set<number>()
  const open: { item: PdfValue; above: Above; depth: number }[] = []
  const push = async (value: PdfValue | undefined, above: Above, depth: number) => {
    const items = await document.resolve(value)
    if (isArray(items)) for (const item of items) open.push({ item, above, depth })
  }
  await push(list, top, 0)
  for (let at = 0; at < open.length; at++) {
    const { item, above, depth } = open[at]!
    if (open.length > MAX_FIELDS || depth > MAX_DEPTH) throw new PdfDoubt('too many fields')
    if (!isReference(item) || seen.has(item.ref)) continue
    seen.add(item.ref)
    const field = await document.resolve(item)
    if (!isDict(field)) continue
    const type = field.get('/FT')
    const own = {
      name: qualified(above.name, field.get('/T')),
      isSignature: type === undefined ? above.isSignature : type === '/Sig',
    }
    const value = field.get('/V')
    if (own.isSignature && value !== undefined) {
      const lock = await document.resolve(field.get('/Lock'))
      const objectAt = await placeOf(document, value, item.ref)
      found.push({ name: own.name, objectAt, lock: isDict(lock) ? lock : undefined })
    }
    await push(field.get('/Kids'), own, depth + 1)
  }
}

const placeOf = (document: PdfDocument, value: PdfValue, holder: number): Promise<number | undefined> =>
  document.start(isReference(value) ? value.ref : holder)

function qualified(above: string, title: PdfValue | undefined): string {
  if (typeof title !== 'string' || !title.startsWith('(')) return above
  const text = pdfText(title.slice(1))
  return above === '' ? text : `${above}.${text}`
}
