import { decodeStream, type PdfFile } from './pdf-file.ts'
import {
  isArray,
  isReference,
  isStream,
  type PdfDict,
  PdfDoubt,
  type PdfParser,
  type PdfValue,
} from './pdf-syntax.ts'

/** Where an object stands: at an offset, or as the n-th of an object stream. */
export type Place =
  | { readonly kind: 'free' }
  | { readonly kind: 'offset'; readonly offset: number; readonly generation: number }
  | { readonly kind: 'packed'; readonly stream: number; readonly index: number }

/** One cross-reference section (ISO 32000-2 §7.5.4, §7.5.8) and what it says. */
export interface Section {
  readonly at: number
  readonly places: ReadonlyMap<number, Place>
  /** The same without /XRefStm: what readers see that know no cross-reference streams (§7.5.8.4). */
  readonly plain: ReadonlyMap<number, Place>
  readonly trailer: PdfDict
}

/** A revision of a file: its sections, the newest first. */
export interface Revision {
  readonly startXref: number
  readonly sections: readonly Section[]
}

const MAX_SECTIONS = 256
const MAX_ENTRIES = 1_000_000

/**
 * Reads the revision that ends where the file does. `strictEnd`: nothing but one line end may follow its %%EOF.
 * @throws PdfDoubt
 */
export async function readRevision(
  file: PdfFile,
  strictEnd: boolean,
  mayBeEncrypted = false,
): Promise<Revision> {
  const { end } = file
  const tail = await file.text(Math.max(0, end - 128), end)
  const pattern = strictEnd
    ? /startxref\s{1,4}(\d{1,15})\s{1,4}%%EOF(?:\r?\n|\r)?$/
    : /startxref\s{1,4}(\d{1,15})\s{1,4}%%EOF\s{0,32}$/
  const startXref = Number(pattern.exec(tail)?.[1] ?? Number.NaN)
  if (Number.isNaN(startXref)) throw new PdfDoubt('startxref')
  const sections: Section[] = []
  const seen = new Set<number>()
  let entries = 0
  for (
    let at: PdfValue | undefined = startXref;
    at !== undefined;
    at = sections.at(-1)!.trailer.get('/Prev')
  ) {
    if (typeof at !== 'number' || at >= end || seen.has(at) || seen.size >= MAX_SECTIONS)
      throw new PdfDoubt('cross-reference chain')
    seen.add(at)
    const section = await readSection(file, at)
    entries += section.places.size
    if (entries > MAX_ENTRIES) throw new PdfDoubt('too many objects')
    sections.push(section)
  }
  if (!mayBeEncrypted && sections.some(({ trailer }) => trailer.has('/Encrypt')))
    throw new PdfDoubt('encrypted')
  return { startXref, sections }
}

async function readSection(file: PdfFile, at: number): Promise<Section> {
  const head = await file.text(at, at + 8)
  if (!/^\s{0,2}xref\s/.test(head)) return readStreamSection(file, at)
  const { places, trailer } = await file.parse(at, readTable)
  const hybrid = trailer.get('/XRefStm')
  if (hybrid === undefined) return { at, places, plain: places, trailer }
  if (typeof hybrid !== 'number') throw new PdfDoubt('XRefStm')
  const merged = new Map(places)
  for (const [number, place] of (await readStreamSection(file, hybrid)).places) {
    if ((places.get(number)?.kind ?? 'free') === 'free') merged.set(number, place)
  }
  return { at, places: merged, plain: places, trailer }
}

function readTable(parser: PdfParser): { places: Map<number, Place>; trailer: PdfDict } {
  parser.expect('xref')
  const places = new Map<number, Place>()
  for (;;) {
    const word = parser.word()
    if (word === 'trailer') break
    const first = Number(word)
    const count = parser.integer()
    if (!/^\d{1,10}$/.test(word) || count > MAX_ENTRIES) throw new PdfDoubt('subsection')
    for (let number = first; number < first + count; number++) {
      const offset = parser.integer()
      const generation = parser.integer()
      const kind = parser.word()
      if (places.has(number) || (kind !== 'n' && kind !== 'f')) throw new PdfDoubt('entry')
      places.set(number, kind === 'f' ? { kind: 'free' } : { kind: 'offset', offset, generation })
    }
  }
  const trailer = parser.value()
  if (!(trailer instanceof Map)) throw new PdfDoubt('trailer')
  return { places, trailer }
}

async function readStreamSection(file: PdfFile, at: number): Promise<Section> {
  const { stream } = await file.parse(at, (parser) => {
    const number = parser.integer()
    const generation = parser.integer()
    parser.at = 0
    return { stream: parser.object(number, generation) }
  })
  if (!isStream(stream) || stream.dict.get('/Type') !== '/XRef') throw new PdfDoubt('cross-reference stream')
  const { dict, dataAt } = stream
  const length = dict.get('/Length')
  const data = decodeStream(dict, await file.data(at + dataAt, typeof length === 'number' ? length : -1))
  const places = readEntries(dict, data)
  return { at, places, plain: places, trailer: dict }
}

function readEntries(dict: PdfDict, data: Uint8Array): Map<number, Place> {
  const widths = numbers(dict.get('/W'))
  const index = dict.has('/Index') ? numbers(dict.get('/Index')) : [0, Number(dict.get('/Size'))]
  const size = widths.reduce((sum, width) => sum + width, 0)
  if (widths.length !== 3 || widths.some((width) => width > 6) || size === 0 || index.length % 2 !== 0)
    throw new PdfDoubt('cross-reference stream')
  const places = new Map<number, Place>()
  let at = 0
  const field = (width: number, absent: number): number => {
    if (width === 0) return absent
    at += width
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength).readUIntBE(at - width, width)
  }
  for (let pair = 0; pair < index.length; pair += 2) {
    for (let number = index[pair]!; number < index[pair]! + index[pair + 1]!; number++) {
      if (at + size > data.length || places.has(number)) throw new PdfDoubt('entry')
      const type = field(widths[0]!, 1)
      const [second, third] = [field(widths[1]!, 0), field(widths[2]!, 0)]
      places.set(number, placeOf(type, second, third))
    }
  }
  return places
}

function placeOf(type: number, second: number, third: number): Place {
  if (type === 0) return { kind: 'free' }
  if (type === 1) return { kind: 'offset', offset: second, generation: third }
  if (type === 2) return { kind: 'packed', stream: second, index: third }
  throw new PdfDoubt('entry')
}

function numbers(value: PdfValue | undefined): number[] {
  if (!isArray(value) || !value.every((one) => Number.isSafeInteger(one) && (one as number) >= 0))
    throw new PdfDoubt('array of numbers')
  return value as number[]
}

/** Where every object stands, a newer section before an older one. */
export function placesOf({ sections }: Revision, kind: 'places' | 'plain' = 'places'): Map<number, Place> {
  const all = new Map<number, Place>()
  for (const section of [...sections].reverse())
    for (const [number, place] of section[kind]) all.set(number, place)
  return all
}

/** Objects that a hybrid file shows to some readers and hides from others, or shows them otherwise. */
export function hiddenIn(revision: Revision): Set<number> {
  const plain = placesOf(revision, 'plain')
  const text = (place: Place | undefined) => JSON.stringify(place ?? { kind: 'free' })
  const differing = [...placesOf(revision)].filter(
    ([number, place]) => text(place) !== text(plain.get(number)),
  )
  return new Set(differing.map(([number]) => number))
}

/** The number of the catalog as a reader of this revision takes it. @throws PdfDoubt */
export function newestRoot({ sections }: Revision): number {
  const root = sections.map(({ trailer }) => trailer.get('/Root')).find((one) => one !== undefined)
  if (!isReference(root)) throw new PdfDoubt('Root')
  return root.ref
}

/** The number of the catalog; the same in every section. @throws PdfDoubt */
export function rootOf({ sections }: Revision): number {
  const roots = new Set(
    sections.map(({ trailer }) => {
      const root = trailer.get('/Root')
      return isReference(root) ? root.ref : root
    }),
  )
  roots.delete(undefined)
  const [root] = roots
  if (roots.size !== 1 || typeof root !== 'number') throw new PdfDoubt('Root')
  return root
}
