import { isArray, isDict, isReference, type PdfDict, PdfDoubt, type PdfValue } from './pdf-syntax.ts'
import { pdfText } from './pdf-text.ts'
import { sameExcept, sameValue, type Walk } from './pdf-walk.ts'

/*
 * What a DocMDP transform may leave free beside signing (ISO 32000-2 table 257): filling in forms (/P 2), and
 * annotations besides (/P 3). A document that was changed so is not what its signer saw; whether he allowed it is
 * another question.
 */

const FILLED_TYPES = new Set(['/Tx', '/Btn', '/Ch'])
const FREE_IN_FILLED_FIELD = new Set(['/V', '/AP', '/AS', '/I', '/RV', '/M', '/Ff'])
const FREE_IN_LOCKED_FIELD = new Set(['/Ff'])
const READ_ONLY = 1

/** Annotations that readers let people add (ISO 32000-2 §12.5.6); widgets and links are none of them. */
const MARKUP = new Set(
  (
    '/Text /FreeText /Line /Square /Circle /Polygon /PolyLine /Highlight /Underline /Squiggly /StrikeOut /Caret ' +
    '/Stamp /Ink /Popup /FileAttachment /Redact'
  ).split(' '),
)
const MAX_PARENTS = 16

/** Whether an object is a field, or the widget of a field, that people fill in. @throws PdfDoubt */
export async function isFillable(walk: Walk, field: PdfDict): Promise<boolean> {
  if (field.get('/FT') === undefined && field.get('/Subtype') !== '/Widget') return false
  const types = (await lineage(walk, field)).map((one) => one.get('/FT'))
  return FILLED_TYPES.has(String(types.find((type) => type !== undefined)))
}

/** A field and what it inherits from, nearest first. */
async function lineage(walk: Walk, field: PdfDict): Promise<PdfDict[]> {
  const found: PdfDict[] = []
  for (let one: unknown = field; isDict(one as PdfValue); ) {
    found.push(one as PdfDict)
    if (found.length > MAX_PARENTS) throw new PdfDoubt('/Parent')
    one = await walk.before.resolve((one as PdfDict).get('/Parent'))
  }
  return found
}

/**
 * Where forms may be filled in, value and appearance of a field are free; what else leads to the same objects is
 * compared on its own way. Where not, a field may still be locked: signers of forms do that (/Lock).
 */
export async function compareFilled(
  walk: Walk,
  number: number,
  before: PdfDict,
  after: PdfDict,
): Promise<void> {
  // An appearance may not be exchanged under a field that stays as it is.
  if (walk.before.location(number) === walk.after.location(number))
    return sameValue(walk, before, after, `${number} 0 obj`)
  const isSigning = walk.allows === 'signing'
  sameExcept(walk, before, after, isSigning ? FREE_IN_LOCKED_FIELD : FREE_IN_FILLED_FIELD)
  const [old, flags] = [before.get('/Ff') ?? 0, after.get('/Ff') ?? 0]
  const isLocking = typeof old === 'number' && typeof flags === 'number' && flags === (old | READ_ONLY)
  if (flags !== old && !isLocking) throw new PdfDoubt('/Ff')
  if (isSigning) return
  const titles = (await lineage(walk, before)).map((one) => one.get('/T'))
  const names = titles.flatMap((title) => (typeof title === 'string' ? [pdfText(title.slice(1))] : []))
  walk.filled.add(names.reverse().join('.'))
}

/** Whether two objects are one annotation, which may be changed as a whole. */
export const compareAnnotation = (before: PdfDict, after: PdfDict): boolean =>
  isMarkup(before) && isMarkup(after)

const isMarkup = (value: PdfValue | undefined): boolean =>
  isDict(value) && MARKUP.has(String(value.get('/Subtype'))) && !value.has('/AA') && !value.has('/A')

/**
 * Annotations may come and go; whatever else stands on the page stays, in its order. Gives what was added and is no
 * annotation. @throws PdfDoubt
 */
export async function compareAnnotationLists(
  walk: Walk,
  before: PdfValue | undefined,
  after: PdfValue | undefined,
): Promise<{ added: readonly PdfValue[] }> {
  const old = (await walk.before.resolve(before)) ?? []
  const list = (await walk.after.resolve(after)) ?? []
  if (!isArray(old) || !isArray(list)) throw new PdfDoubt('/Annots')
  const kept: PdfValue[] = []
  for (const item of old) if (!isMarkup(await valueIn(walk.before, item))) kept.push(item)
  const others: PdfValue[] = []
  const known = new Set(old.map((item) => (isReference(item) ? item.ref : -1)))
  for (const item of list) {
    const value = await valueIn(walk.after, item)
    if (!isMarkup(value)) others.push(item)
    else if (isReference(item) && walk.before.has(item.ref) && !known.has(item.ref))
      throw new PdfDoubt('/Annots')
  }
  kept.forEach((item, index) => {
    sameValue(walk, item, others[index], '/Annots')
  })
  return { added: others.slice(kept.length) }
}

async function valueIn(document: Walk['before'], item: PdfValue): Promise<PdfValue | undefined> {
  const value = await document.resolve(item)
  return isDict(value as PdfValue) ? (value as PdfDict) : undefined
}
