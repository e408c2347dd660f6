import type { PdfDocument } from '../formats/pdf-document.ts'
import {
  isArray,
  isDict,
  isReference,
  type PdfDict,
  type PdfReference,
  type PdfValue,
} from '../formats/pdf-syntax.ts'
import { unsealable } from './refusal.ts'

/** Corners, in the units of a page: left, bottom, right, top. */
export type Box = readonly [number, number, number, number]

/** A page, and how it is shown. */
export interface Page {
  readonly ref: PdfReference
  readonly value: PdfDict
  /** What is shown of it, in its own coordinates. */
  readonly box: Box
  /** Degrees by which it is turned clockwise when shown: 0, 90, 180, 270. */
  readonly turned: number
  /** Units of the page in a millimetre. */
  readonly unitsPerMm: number
}

const MAX_NODES = 200_000
const MAX_DEPTH = 64
const INHERITED = ['/MediaBox', '/CropBox', '/Rotate']

/** The pages in their order, each when it is asked for (ISO 32000-2 §7.7.3). @throws PdfDoubt, GatewayError */
export async function* pagesOf(document: PdfDocument, catalog: PdfDict): AsyncGenerator<Page> {
  const seen = new Set<number>()
  async function* below(item: PdfValue | undefined, above: PdfDict, depth: number): AsyncGenerator<Page> {
    if (!isReference(item) || depth > MAX_DEPTH || seen.has(item.ref) || seen.size > MAX_NODES)
      throw unsealable('pdf-malformed', '/Pages')
    seen.add(item.ref)
    const node = await document.resolve(item)
    if (!isDict(node)) throw unsealable('pdf-malformed', '/Pages')
    const inherited = new Map(above)
    for (const key of INHERITED) {
      const value = await document.resolve(node.get(key))
      if (value !== undefined && value !== null) inherited.set(key, value)
    }
    if (!node.has('/Kids')) return yield pageOf(item, node, inherited)
    const kids = await document.resolve(node.get('/Kids'))
    if (!isArray(kids)) throw unsealable('pdf-malformed', '/Kids')
    for (const kid of kids) yield* below(kid, inherited, depth + 1)
  }
  yield* below(catalog.get('/Pages'), new Map(), 0)
}

function pageOf(ref: PdfReference, value: PdfDict, inherited: PdfDict): Page {
  const box = boxOf(inherited.get('/CropBox')) ?? boxOf(inherited.get('/MediaBox'))
  const rotate = inherited.get('/Rotate') ?? 0
  const unit = value.get('/UserUnit') ?? 1
  const isSound = typeof rotate === 'number' && rotate % 90 === 0 && typeof unit === 'number' && unit > 0
  if (box === undefined || !isSound) throw unsealable('pdf-malformed', '/Page')
  return { ref, value, box, turned: ((rotate % 360) + 360) % 360, unitsPerMm: 72 / 25.4 / unit }
}

/** A rectangle, whichever two corners are given (ISO 32000-2 §7.9.5). */
export function boxOf(value: PdfValue | undefined): Box | undefined {
  if (!isArray(value) || value.length !== 4) return undefined
  const [a, b, c, d] = value
  if (typeof a !== 'number' || typeof b !== 'number' || typeof c !== 'number' || typeof d !== 'number')
    return undefined
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)]
}

/** Points of the page as it is shown, from its lower left corner, and back. */
interface Turn {
  readonly shown: (x: number, y: number, box: Box) => readonly [number, number]
  readonly onPage: (u: number, v: number, box: Box) => readonly [number, number]
  /** Turns an appearance the other way, so that it is shown upright. */
  readonly matrix: readonly number[]
}

const TURNS: Readonly<Record<number, Turn>> = {
  0: {
    shown: (x, y, [left, bottom]) => [x - left, y - bottom],
    onPage: (u, v, [left, bottom]) => [left + u, bottom + v],
    matrix: [1, 0, 0, 1, 0, 0],
  },
  90: {
    shown: (x, y, [, bottom, right]) => [y - bottom, right - x],
    onPage: (u, v, [, bottom, right]) => [right - v, bottom + u],
    matrix: [0, 1, -1, 0, 0, 0],
  },
  180: {
    shown: (x, y, [, , right, top]) => [right - x, top - y],
    onPage: (u, v, [, , right, top]) => [right - u, top - v],
    matrix: [-1, 0, 0, -1, 0, 0],
  },
  270: {
    shown: (x, y, [left, , , top]) => [top - y, x - left],
    onPage: (u, v, [left, , , top]) => [left + v, top - u],
    matrix: [0, -1, 1, 0, 0, 0],
  },
}

type Point = (x: number, y: number, box: Box) => readonly [number, number]
const mapBox = (point: Point, [a, b, c, d]: Box, page: Box): Box =>
  boxOf([...point(a, b, page), ...point(c, d, page)])!

export const turnOf = ({ turned }: Page): Turn => TURNS[turned]!
/** A rectangle of the page as it is shown. */
export const asShown = (page: Page, box: Box): Box => mapBox(turnOf(page).shown, box, page.box)
/** A rectangle as it is shown, in the page's own coordinates. */
export const asWritten = (page: Page, box: Box): Box => mapBox(turnOf(page).onPage, box, page.box)

/** Width and height as shown. */
export function sizeShown(page: Page): readonly [number, number] {
  const [left, bottom, right, top] = page.box
  const size = [right - left, top - bottom] as const
  return page.turned % 180 === 0 ? size : [size[1], size[0]]
}
