import type { PlacedStream } from './pdf-document.ts'
import { compareAnnotation, compareAnnotationLists, compareFilled, isFillable } from './pdf-form-rules.ts'
import {
  isArray,
  isDict,
  isReference,
  isStream,
  type PdfDict,
  PdfDoubt,
  type PdfValue,
} from './pdf-syntax.ts'
import { enqueue, sameExcept, sameValue, type Walk } from './pdf-walk.ts'

/*
 * What a signature, a timestamp or data for long-term validation may change of a document that was signed before
 * (ISO 32000-2 §12.8.2.2, EN 319 142-1 §5). Everything else stays as it was.
 */

/** Entries whose change shows on no page. */
const FREE_IN_CATALOG = new Set(['/DSS', '/Perms', '/Extensions', '/Metadata', '/Version'])
const FREE_IN_PAGE = new Set(['/LastModified'])
const NEW_FORM = new Set(['/Fields', '/SigFlags', '/DR', '/DA', '/NeedAppearances'])
/** Of a signature field: no actions, no optional content. */
const NEW_FIELD = new Set(
  (
    '/Type /Subtype /FT /T /TU /TM /V /F /Ff /P /Rect /AP /AS /MK /Lock /SV /Border /BS /C /M /NM /DA /DR /Q /H ' +
    '/Parent /Kids /StructParent'
  ).split(' '),
)
/** What a form that is filled in may have otherwise. */
const FREE_IN_FILLED_FORM = new Set(['/DA', '/NeedAppearances'])
const FREE_IN_SIGNED_FIELD = new Set(['/V', '/AP', '/MK', '/M'])
/** Print, Locked, LockedContents (ISO 32000-2 table 167). */
const FREE_FLAGS = 4 | 128 | 512
const HIDDEN = 2

const changed = (what: string) => new PdfDoubt(what)

/** Compares one object by the rule for its kind. @throws PdfDoubt */
export async function compareByRule(
  walk: Walk,
  number: number,
  before: PdfValue | PlacedStream,
  after: PdfValue | PlacedStream,
): Promise<void> {
  if (isDict(before) && isDict(after)) {
    if (number === walk.root) return compareCatalogs(walk, before, after)
    if (before.get('/Type') === '/Page') return comparePages(walk, before, after)
    if (await isSignedNow(walk, before, after)) return compareSigned(walk, before, after)
    if (await isFillable(walk, before)) return compareFilled(walk, number, before, after)
    if (walk.allows === 'annotations' && compareAnnotation(before, after)) return
  }
  sameValue(walk, before, after, `${number} 0 obj`)
}

async function compareCatalogs(walk: Walk, before: PdfDict, after: PdfDict): Promise<void> {
  sameExcept(walk, before, after, new Set([...FREE_IN_CATALOG, '/AcroForm']))
  const old = (await walk.before.resolve(before.get('/AcroForm'))) ?? null
  const form = (await walk.after.resolve(after.get('/AcroForm'))) ?? null
  if (form === null && old === null) return
  if (!isDict(form) || !(old === null || isDict(old))) throw changed('/AcroForm')
  const known: PdfDict = old ?? new Map<string, PdfValue>()
  for (const [key, value] of form) {
    if (key === '/Fields' || key === '/SigFlags') continue
    const isNew = !known.has(key) && NEW_FORM.has(key) && !(key === '/NeedAppearances' && value !== false)
    if (isNew || (walk.allows !== 'signing' && FREE_IN_FILLED_FORM.has(key))) continue
    if (key === '/DR') await compareResources(walk, known.get(key), value, 0)
    else sameValue(walk, known.get(key), value, key)
  }
  for (const key of known.keys()) {
    if (!form.has(key) && !(walk.allows !== 'signing' && key === '/NeedAppearances')) throw changed(key)
  }
  const { same, added } = await growth(walk, known.get('/Fields'), form.get('/Fields'))
  const names = new Set<PdfValue | undefined>()
  for (const item of same) names.add(fieldName(await walk.before.resolve(item)))
  for (const item of added) {
    const name = fieldName(await checkNewField(walk, item))
    // Fields of one name are one field to a reader.
    if (name === undefined || names.has(name)) throw changed('/T')
    names.add(name)
  }
}

/** Default appearances name fonts and colours (ISO 32000-2 §12.7.4.3), never these. */
const FREE_RESOURCES = new Set(['/XObject', '/ProcSet'])

/**
 * Default resources may grow: a signature's appearance brings its fonts. What stood there before stays, down to the
 * single font or object (ISO 32000-2 §7.8.3).
 */
async function compareResources(
  walk: Walk,
  before: PdfValue | undefined,
  after: PdfValue | undefined,
  depth: number,
): Promise<void> {
  const old = depth < 2 ? await walk.before.resolve(before) : undefined
  const now = depth < 2 ? await walk.after.resolve(after) : undefined
  if (!isDict(old) || !isDict(now)) return sameValue(walk, before, after, '/DR')
  for (const [key, value] of old) {
    const isFree = depth === 0 && FREE_RESOURCES.has(key)
    if (!isFree) await compareResources(walk, value, now.get(key), depth + 1)
  }
}

const fieldName = (field: PdfValue | undefined): PdfValue | undefined =>
  isDict(field) ? field.get('/T') : undefined

async function comparePages(walk: Walk, before: PdfDict, after: PdfDict): Promise<void> {
  sameExcept(walk, before, after, new Set([...FREE_IN_PAGE, '/Annots']))
  const lists: [PdfValue | undefined, PdfValue | undefined] = [before.get('/Annots'), after.get('/Annots')]
  const { added } =
    walk.allows === 'annotations'
      ? await compareAnnotationLists(walk, ...lists)
      : await growth(walk, ...lists)
  for (const item of added) {
    if (isReference(item) && walk.widgets.has(item.ref)) continue
    const widget = await checkNewField(walk, item)
    if (widget.get('/Subtype') !== '/Widget') throw changed('/Annots')
  }
}

/** A list may grow at its end, by objects that were not there before. */
async function growth(walk: Walk, before: PdfValue | undefined, after: PdfValue | undefined) {
  const old = (await walk.before.resolve(before)) ?? []
  const list = (await walk.after.resolve(after)) ?? []
  if (!isArray(old) || !isArray(list) || list.length < old.length) throw changed('/Annots /Fields')
  old.forEach((item, index) => {
    sameValue(walk, item, list[index], '/Annots /Fields')
  })
  return { same: old, added: list.slice(old.length) }
}

/** A new object that is a signature field, or a kid of one. @throws PdfDoubt */
async function checkNewField(walk: Walk, item: PdfValue, depth = 0): Promise<PdfDict> {
  if (!isReference(item) || walk.before.has(item.ref) || depth > 8) throw changed('/Annots /Fields')
  const field = await walk.after.resolve(item)
  if (!isDict(field)) throw changed('/Annots /Fields')
  for (const key of field.keys()) if (!NEW_FIELD.has(key)) throw changed(key)
  if (field.has('/Subtype') && field.get('/Subtype') !== '/Widget') throw changed('/Subtype')
  const parent = field.get('/Parent')
  if (parent !== undefined && !(isReference(parent) && !walk.before.has(parent.ref))) throw changed('/Parent')
  const above = await walk.after.resolve(parent)
  const inherited = depth > 0 ? '/Sig' : isDict(above) ? above.get('/FT') : undefined
  if ((field.get('/FT') ?? inherited) !== '/Sig') throw changed('/FT')
  const kids = (await walk.after.resolve(field.get('/Kids'))) ?? []
  if (!isArray(kids) || kids.length > 16) throw changed('/Kids')
  for (const kid of kids) await checkNewField(walk, kid, depth + 1)
  checkNewValue(walk, field)
  // Also where the page does not list it: readers differ in what they draw of a field.
  if (isVisible(field)) walk.paints = true
  if (field.get('/Subtype') === '/Widget') walk.widgets.add(item.ref)
  return field
}

/** A new signature may not borrow the dictionary of an earlier one: it would show under another's name. */
function checkNewValue(walk: Walk, field: PdfDict): void {
  const value = field.get('/V')
  if (isReference(value) && walk.before.has(value.ref)) throw changed('/V')
}

/** Whether an empty signature field, or the widget of one, is signed in the update. */
async function isSignedNow(walk: Walk, before: PdfDict, after: PdfDict): Promise<boolean> {
  if (before.get('/FT') === '/Sig') return !before.has('/V') && after.has('/V')
  if (before.get('/Subtype') !== '/Widget' || before.has('/FT')) return false
  const old = await walk.before.resolve(before.get('/Parent'))
  const parent = await walk.after.resolve(after.get('/Parent'))
  return isDict(old) && isDict(parent) && old.get('/FT') === '/Sig' && !old.has('/V') && parent.has('/V')
}

/** An empty signature field that is signed now: it stays where it was. */
function compareSigned(walk: Walk, before: PdfDict, after: PdfDict): void {
  sameExcept(walk, before, after, new Set([...FREE_IN_SIGNED_FIELD, '/F']))
  const [old, flags] = [before.get('/F') ?? 0, after.get('/F') ?? 0]
  if (typeof old !== 'number' || typeof flags !== 'number' || ((old ^ flags) & ~FREE_FLAGS) !== 0)
    throw changed('/F')
  checkNewValue(walk, after)
  const place = before.get('/Rect')
  if (isReference(place)) enqueue(walk, place)
  if (isVisible(after)) walk.paints = true
}

function isVisible(widget: PdfDict): boolean {
  const flags = widget.get('/F') ?? 0
  if (typeof flags !== 'number' || (flags & HIDDEN) !== 0) return typeof flags !== 'number'
  const place = widget.get('/Rect')
  if (!isArray(place) || place.length !== 4 || !place.every((one) => typeof one === 'number'))
    return widget.has('/Rect') || widget.has('/AP')
  return place[0] !== place[2] && place[1] !== place[3]
}

/** @throws PdfDoubt where a stream runs beyond its revision, or its data is not what it was */
export async function compareStreams(
  walk: Walk,
  before: PdfValue | PlacedStream,
  after: PdfValue | PlacedStream,
): Promise<void> {
  if (!isStream(before)) return
  if (before === after) return walk.before.checkData(before as PlacedStream)
  const [old, data] = [
    await walk.before.data(before as PlacedStream),
    await walk.after.data(after as PlacedStream),
  ]
  if (!Buffer.from(old).equals(data)) throw changed('stream')
}
