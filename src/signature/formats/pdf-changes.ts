import { setImmediate } from 'node:timers/promises'
import { type ByteSource, WINDOW } from '../byte-source.ts'
import { PdfDocument } from './pdf-document.ts'
import { PdfFile } from './pdf-file.ts'
import { compareByRule, compareStreams } from './pdf-rules.ts'
import { PdfDoubt } from './pdf-syntax.ts'
import type { Walk } from './pdf-walk.ts'
import { hiddenIn, type Revision, readRevision, rootOf, type Section } from './pdf-xref.ts'

/** What an incremental update did to a document. */
export type LaterChange =
  | {
      readonly kind: 'only-signed'
      /** Whether a new or newly signed field shows on a page. */
      readonly paints: boolean
    }
  | { readonly kind: 'changed'; readonly what: string }

/** Objects that are compared for one file, over all of its revisions. */
export interface Effort {
  objects: number
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
  try {
    const file = new PdfFile(source)
    if ((await file.text(0, 5)) !== '%PDF-') throw new PdfDoubt('%PDF-')
    const walk = await openWalk(file.upTo(from), file.upTo(to), to === source.length)
    for (let number = walk.open.pop(); number !== undefined; number = walk.open.pop()) {
      if (--effort.objects < 0) throw new PdfDoubt('too many objects')
      if (effort.objects % 500 === 0) await setImmediate()
      await compareObject(walk, number)
    }
    return { kind: 'only-signed', paints: walk.paints }
  } catch (error) {
    if (error instanceof PdfDoubt) return { kind: 'changed', what: error.message }
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

async function openWalk(old: PdfFile, file: PdfFile, strictEnd: boolean): Promise<Walk> {
  const before = await readRevision(old, false)
  const after = await readRevision(file, strictEnd)
  const added = addedSections(before, after, old.end)
  await refuseStrays(old.end, file, added)
  const root = rootOf(after)
  return {
    before: new PdfDocument(old, before),
    after: new PdfDocument(file, after),
    root,
    open: [root],
    seen: new Set([root]),
    paints: false,
  }
}

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
  for (let at = start; at < file.end; at += WINDOW) {
    const text = await file.text(at, at + WINDOW + overlap)
    for (const { index } of text.matchAll(/(?<!\d)\d{1,10}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+obj\b/g)) {
      if (!named.has(at + index)) throw new PdfDoubt('an object outside the cross-references')
    }
  }
}
