import { setImmediate } from 'node:timers/promises'
import { type ByteSource, WINDOW } from '../byte-source.ts'
import { openDocument } from './pdf-document.ts'
import { PdfFile } from './pdf-file.ts'
import { compareByRule, compareStreams } from './pdf-rules.ts'
import { isArray, isDict, isReference, isStream, PdfDoubt, type PdfValue } from './pdf-syntax.ts'
import { ALLOWANCES, type Allowance, sameValue, type Walk } from './pdf-walk.ts'
import { hiddenIn, type Revision, readRevision, rootOf, type Section } from './pdf-xref.ts'

/** What an incremental update did to a document. */
export type LaterChange =
  | {
      readonly kind: 'only-signed'
      /** Whether a new or newly signed field shows on a page. */
      readonly paints: boolean
    }
  | {
      readonly kind: 'changed'
      readonly what: string
      /** What kind of change it is: filled forms, with the names of their fields; annotations as well; or more. */
      readonly level: 'forms' | 'annotations' | 'other'
      readonly fields: readonly string[]
    }

/** What may be spent on one file, over all of its revisions. */
export interface Effort {
  /** Objects that may still be compared. */
  objects: number
  /** Opened with the first comparison; counts what is parsed and inflated. */
  file?: PdfFile
}
export const newEffort = (): Effort => ({ objects: 300_000 })

/**
 * Compares the revision of a PDF that ends at `from` with the one that ends at `to`, as a reader sees them: every
 * object that the catalog leads to must be what it was, but for what a signature, a timestamp or validation data adds
 * (see pdf-rules.ts). What cannot be read with certainty counts as changed: encryption, broken or hybrid
 * cross-references in an update, objects that no cross-reference names.
 */
export async function laterChange(
  source: ByteSource,
  from: number,
  to: number,
  effort: Effort,
): Promise<LaterChange> {
  effort.file ??= new PdfFile(source)
  const { file } = effort
  const strictEnd = to === source.length
  const other = (what: string) => ({ kind: 'changed', what, level: 'other', fields: [] }) as const
  let first: string | undefined
  try {
    if ((await file.text(0, 5)) !== '%PDF-') throw new PdfDoubt('%PDF-')
    const revisions = await openRevisions(file.upTo(from), file.upTo(to), strictEnd)
    for (const allows of ALLOWANCES) {
      const walk = newWalk(revisions, allows)
      const doubt = await tryWalk(walk, effort)
      if (doubt !== undefined) {
        first ??= doubt
        continue
      }
      if (allows === 'signing') return { kind: 'only-signed', paints: walk.paints }
      return { kind: 'changed', what: first ?? allows, level: allows, fields: [...walk.filled] }
    }
    return other(first ?? '')
  } catch (error) {
    if (error instanceof PdfDoubt) return other(error.message)
    throw error
  }
}

/** Compares all objects that both revisions lead to. Gives what differs beyond what is allowed. */
async function tryWalk(walk: Walk, effort: Effort): Promise<string | undefined> {
  try {
    await compareTrailers(walk)
    for (let number = walk.open.pop(); number !== undefined; number = walk.open.pop()) {
      if (--effort.objects < 0) throw new PdfDoubt('too many objects')
      if (effort.objects % 500 === 0) await setImmediate()
      await compareObject(walk, number)
    }
    return undefined
  } catch (error) {
    if (error instanceof PdfDoubt) return error.message
    throw error
  }
}

async function compareObject(walk: Walk, number: number): Promise<void> {
  const before = await walk.before.object(number)
  const isSame = walk.before.location(number) === walk.after.location(number)
  const after = isSame ? before : await walk.after.object(number)
  await compareByRule(walk, number, before, after)
  await compareStreams(walk, before, after)
}

type Revisions = Pick<Walk, 'before' | 'after' | 'root' | 'trailers'>

async function openRevisions(old: PdfFile, file: PdfFile, strictEnd: boolean): Promise<Revisions> {
  const before = await readRevision(old, false, true)
  const after = await readRevision(file, strictEnd, true)
  const added = addedSections(before, after, old.end)
  await refuseStrays(old.end, file, added)
  return {
    before: await openDocument(old, before),
    after: await openDocument(file, after),
    root: rootOf(after),
    trailers: { before: before.sections[0]!.trailer, added: added.map(({ trailer }) => trailer) },
  }
}

/** What every trailer or cross-reference stream says of itself, and the document's title and the like. */
const FREE_IN_TRAILER = new Set(
  '/Size /Prev /Root /Info /ID /DocChecksum /Type /W /Index /Length /Filter /DecodeParms'.split(' '),
)

/** Some programs open what else a trailer leads to in place of the pages (/AdditionalStreams of LibreOffice). */
async function compareTrailers(walk: Walk): Promise<void> {
  const { before, added } = walk.trailers
  for (const trailer of added) {
    sameValue(walk, before.get('/Encrypt'), trailer.get('/Encrypt'), '/Encrypt')
    for (const [key, value] of trailer) {
      const leads = !FREE_IN_TRAILER.has(key) && (await leadsToStream(walk, value, 0))
      if (leads) sameValue(walk, before.get(key), value, key)
    }
  }
}

async function leadsToStream(walk: Walk, value: PdfValue, depth: number): Promise<boolean> {
  if (depth > 4) return true
  if (isReference(value)) return isStream(await walk.after.resolve(value))
  const items = isArray(value) ? value : isDict(value) ? [...value.values()] : []
  for (const item of items) if (await leadsToStream(walk, item, depth + 1)) return true
  return false
}

const newWalk = (revisions: Revisions, allows: Allowance): Walk => ({
  ...revisions,
  open: [revisions.root],
  seen: new Set([revisions.root]),
  allows,
  paints: false,
  widgets: new Set(),
  filled: new Set(),
})

/** The update must lie behind the revision that it updates, and go back to it. */
function addedSections(before: Revision, after: Revision, end: number): readonly Section[] {
  const count = after.sections.findIndex(({ at }) => at === before.startXref)
  const added = after.sections.slice(0, Math.max(count, 0))
  const hidden = hiddenIn(before)
  const isSound = ({ at, trailer, places }: Section) =>
    at >= end && !trailer.has('/XRefStm') && ![...places.keys()].some((number) => hidden.has(number))
  if (added.length === 0 || !added.every(isSound)) throw new PdfDoubt('cross-reference chain')
  return added
}

/** An object that no cross-reference names is seen by readers that repair a file, and by no others. */
async function refuseStrays(start: number, file: PdfFile, added: readonly Section[]): Promise<void> {
  const named = new Set<number>()
  for (const { at, places } of added) {
    named.add(at)
    for (const place of places.values()) if (place.kind === 'offset') named.add(place.offset)
  }
  const overlap = 64
  const object = /([\0\t\n\f\r ]{0,8})(?<!\d)\d{1,10}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+obj\b/g
  for (let at = start; at < file.end; at += WINDOW) {
    const text = await file.text(at, at + WINDOW + overlap)
    for (const { index, 1: lead = '' } of text.matchAll(object)) {
      const isNamed = Array.from({ length: lead.length + 1 }, (_, skip) => at + index + skip).some((one) =>
        named.has(one),
      )
      if (!isNamed) throw new PdfDoubt('an object outside the cross-references')
    }
  }
}
