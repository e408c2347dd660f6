import type { PdfDocument } from './pdf-document.ts'
import {
  isArray,
  isDict,
  isReference,
  isStream,
  type PdfDict,
  PdfDoubt,
  type PdfReference,
  type PdfValue,
} from './pdf-syntax.ts'

/**
 * What may differ beside what signing adds, each level with those before it; the levels of /P in a DocMDP
 * transform (ISO 32000-2 table 257) from 1 on.
 */
export type Allowance = 'signing' | 'forms' | 'annotations'
export const ALLOWANCES: readonly Allowance[] = ['signing', 'forms', 'annotations']

/** A walk through two revisions of one document, side by side. */
export interface Walk {
  readonly before: PdfDocument
  readonly after: PdfDocument
  /** The number of the catalog. */
  readonly root: number
  /** The newest trailer of the old revision, and those of the update. */
  readonly trailers: { readonly before: PdfDict; readonly added: readonly PdfDict[] }
  readonly open: number[]
  readonly seen: Set<number>
  readonly allows: Allowance
  /** Whether something new shows on a page. */
  paints: boolean
  /** New widgets of new signature fields, by number. */
  readonly widgets: Set<number>
  /** Names of the fields whose values are others now. */
  readonly filled: Set<string>
}

/** Notes an object of both revisions as still to be compared. @throws PdfDoubt */
export function enqueue({ before, after, open, seen }: Walk, { ref, generation }: PdfReference): void {
  const isOther = (one: PdfDocument) => one.has(ref) && one.generation(ref) !== generation
  if (isOther(before) || isOther(after)) throw new PdfDoubt('generation')
  if (seen.has(ref)) return
  seen.add(ref)
  open.push(ref)
}

/** The same value in both; what it refers to is compared in its turn. @throws PdfDoubt naming `what` */
export function sameValue(
  walk: Walk,
  before: PdfValue | undefined,
  after: PdfValue | undefined,
  what: string,
): void {
  const differs = () => new PdfDoubt(what)
  if (isReference(before)) {
    if (!isReference(after) || after.ref !== before.ref || after.generation !== before.generation)
      throw differs()
    enqueue(walk, before)
  } else if (isArray(before)) {
    if (!isArray(after) || after.length !== before.length) throw differs()
    before.forEach((item, index) => {
      sameValue(walk, item, after[index], what)
    })
  } else if (isStream(before)) {
    if (!isStream(after)) throw differs()
    sameValue(walk, before.dict, after.dict, what)
  } else if (isDict(before)) {
    if (!isDict(after) || after.size !== before.size) throw differs()
    for (const [key, value] of before) sameValue(walk, value, after.get(key), key)
  } else if (before !== after) throw differs()
}

/** Two dictionaries are the same but for some entries. @throws PdfDoubt naming the entry */
export function sameExcept(walk: Walk, before: PdfDict, after: PdfDict, except: ReadonlySet<string>): void {
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    if (!except.has(key)) sameValue(walk, before.get(key), after.get(key), key)
  }
}
