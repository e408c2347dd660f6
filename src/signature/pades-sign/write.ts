import { deflateSync } from 'node:zlib'
import {
  isArray,
  isDict,
  isReference,
  type PdfDict,
  type PdfReference,
  type PdfValue,
} from '../formats/pdf-syntax.ts'

/** An object of an incremental update: a value, or a stream with its data. */
export interface NewObject {
  readonly number: number
  readonly generation: number
  readonly value: PdfValue
  readonly data?: Uint8Array
}

const DELIMITER = /[^!-~]|[#()<>[\]{}/%]/g
const hexByte = (char: string): string => char.charCodeAt(0).toString(16).padStart(2, '0')

/** A value as it stands in a file (ISO 32000-2 §7.3). Latin-1. */
export function written(value: PdfValue): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return writtenNumber(value)
  if (typeof value === 'string') return value.startsWith('/') ? writtenName(value) : writtenString(value)
  if (isReference(value)) return `${value.ref} ${value.generation} R`
  if (isArray(value)) return `[${value.map(written).join(' ')}]`
  if (isDict(value)) return writtenDict(value)
  throw new TypeError('a stream stands in an object of its own')
}

/** Without an exponent; more digits than readers keep are of no use. */
const writtenNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(5).replace(/\.?0+$/, '')

const writtenName = (name: string): string =>
  `/${name.slice(1).replace(DELIMITER, (char) => `#${hexByte(char)}`)}`

/** In hex: no escape to get wrong. */
const writtenString = (value: string): string => `<${Buffer.from(value.slice(1), 'latin1').toString('hex')}>`

const writtenDict = (dict: PdfDict): string =>
  `<< ${[...dict].map(([key, value]) => `${writtenName(key)} ${written(value)}`).join(' ')} >>`

/** Text for people as a PDF string: UTF-16 with its mark (ISO 32000-2 §7.9.2.2). */
export const textString = (text: string): string =>
  `(${Buffer.from(`\ufeff${text}`, 'utf16le').swap16().toString('latin1')}`

export const dict = (entries: Readonly<Record<string, PdfValue>>): PdfDict =>
  new Map(Object.entries(entries).map(([key, value]) => [`/${key}`, value]))

/** A dictionary with some entries otherwise. */
export const withEntries = (before: PdfDict, entries: Readonly<Record<string, PdfValue>>): PdfDict =>
  new Map([...before, ...dict(entries)])

export const reference = (ref: number, generation = 0): PdfReference => ({ ref, generation })

/** Bytes that are written again and again (a font, an image of a seal) are deflated once. */
const deflated = new WeakMap<Uint8Array, Uint8Array>()

/** A stream whose data is deflated. @param isKept whether the same bytes come again: the result is kept with them */
export function flateStream(
  number: number,
  entries: Readonly<Record<string, PdfValue>>,
  data: Uint8Array,
  isKept = false,
): NewObject {
  const packed = deflated.get(data) ?? deflateSync(data)
  if (isKept) deflated.set(data, packed)
  const value = dict({ ...entries, Filter: '/FlateDecode', Length: packed.length })
  return { number, generation: 0, value, data: packed }
}

function objectBytes({ number, generation, value, data }: NewObject): Buffer {
  const head = `${number} ${generation} obj\n${written(value)}\n`
  const parts = data === undefined ? [] : [Buffer.from('stream\n'), data, Buffer.from('\nendstream\n')]
  return Buffer.concat([Buffer.from(head, 'latin1'), ...parts, Buffer.from('endobj\n')])
}

/** What an update continues. */
export interface Base {
  /** Where the update begins: the length of the file before it. */
  readonly length: number
  readonly startXref: number
  /** Whether its newest cross-references are a stream: an update goes on in the same way (§7.5.8.4). */
  readonly xrefStream: boolean
  readonly trailer: PdfDict
  /** The number that no object has yet. */
  readonly nextNumber: number
}

/**
 * The bytes of an incremental update (ISO 32000-2 §7.5.6), from the first new object to %%EOF, and where each object
 * begins in the whole file.
 */
export function incrementalUpdate(base: Base, objects: readonly NewObject[]) {
  const parts: Buffer[] = [Buffer.from('\n')]
  let at = base.length + 1
  const offsets = new Map<number, number>()
  for (const object of objects) {
    offsets.set(object.number, at)
    const bytes = objectBytes(object)
    parts.push(bytes)
    at += bytes.length
  }
  const table = base.xrefStream
    ? streamSection(base, objects, offsets, at)
    : tableSection(base, objects, offsets)
  parts.push(table, Buffer.from(`startxref\n${at}\n%%EOF\n`))
  return { bytes: Buffer.concat(parts), offsets }
}

/** Entries of the trailer that an update carries on. */
function trailerOf({ trailer, startXref }: Base, size: number): PdfDict {
  const kept = ['/Root', '/Info', '/ID'].flatMap((key) => {
    const value = trailer.get(key)
    return value === undefined ? [] : [[key, value] as const]
  })
  return new Map<string, PdfValue>([['/Size', size], ...kept, ['/Prev', startXref]])
}

function tableSection(
  base: Base,
  objects: readonly NewObject[],
  offsets: ReadonlyMap<number, number>,
): Buffer {
  const entries = runsOf(objects).map((run) => {
    const lines = run.map(({ number, generation }) => {
      const offset = String(offsets.get(number)).padStart(10, '0')
      return `${offset} ${String(generation).padStart(5, '0')} n \n`
    })
    return `${run[0]!.number} ${run.length}\n${lines.join('')}`
  })
  const size = Math.max(base.nextNumber, ...objects.map(({ number }) => number + 1))
  return Buffer.from(`xref\n${entries.join('')}trailer\n${written(trailerOf(base, size))}\n`, 'latin1')
}

/** Objects whose numbers follow each other. */
function runsOf(objects: readonly NewObject[]): NewObject[][] {
  const runs: NewObject[][] = []
  for (const object of [...objects].sort((a, b) => a.number - b.number)) {
    const run = runs.at(-1)
    if (run?.at(-1)?.number === object.number - 1) run.push(object)
    else runs.push([object])
  }
  return runs
}

function streamSection(
  base: Base,
  objects: readonly NewObject[],
  offsets: ReadonlyMap<number, number>,
  at: number,
): Buffer {
  const number = Math.max(base.nextNumber, ...objects.map((one) => one.number + 1))
  const self: NewObject = { number, generation: 0, value: null }
  const runs = runsOf([...objects, self])
  const rows = runs.flat().map((one) => {
    const row = Buffer.alloc(8)
    row.writeUInt8(1)
    row.writeUIntBE(offsets.get(one.number) ?? at, 1, 5)
    row.writeUInt16BE(one.generation, 6)
    return row
  })
  const entries = {
    Type: '/XRef',
    W: [1, 5, 2],
    Index: runs.flatMap((run) => [run[0]!.number, run.length]),
  }
  const stream = flateStream(number, entries, Buffer.concat(rows))
  const value = new Map([...trailerOf(base, number + 1), ...(stream.value as PdfDict)])
  return objectBytes({ ...stream, value })
}
