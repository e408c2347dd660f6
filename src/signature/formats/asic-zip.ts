import { Readable } from 'node:stream'
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl'
import { type ByteSource, chunksOf } from '../byte-source.ts'
import { SignatureStop, unverifiable } from '../checks.ts'

/** As many entries as a packet may have attachments, and room for signatures. */
const MAX_ENTRIES = 2000
/** Of what is unpacked, in bytes, however small the file; a larger one may become so many times as long. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024
const MAX_RATIO = 100
const STORED = 0
const DEFLATED = 8

export interface ContainerEntry {
  readonly name: string
  /** In bytes, unpacked. */
  readonly length: number
  /** @throws ContainerError where it cannot be unpacked */
  chunks(): AsyncGenerator<Uint8Array>
}

/** Entries by their names, folders left out. */
export type Container = ReadonlyMap<string, ContainerEntry>

/** An entry that cannot be unpacked. */
export class ContainerError extends Error {}

/**
 * Opens a ZIP file for reading entries where they lie; memory does not grow with it. What readers could see in
 * different ways is refused: a name that stands twice, entries that share bytes (bombs), other names in front of the
 * data than in the directory, bytes before the first entry, encryption.
 * @throws SignatureStop `unverifiable`; what `source.read` throws
 */
export async function openContainer(source: ByteSource): Promise<Container> {
  const reader = new SourceReader(source)
  try {
    const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: true }
    const zip = await fromRandomAccessReaderPromise(reader, source.length, options)
    return await readDirectory(zip, source, reader)
  } catch (error) {
    if (reader.failure !== undefined) throw reader.failure
    if (error instanceof SignatureStop) throw error
    throw unverifiable('form', 'container-unreadable', (error as Error).message)
  }
}

/** yauzl's way of reading, over a source. What the source throws is kept, to be told from a broken file. */
class SourceReader extends RandomAccessReader {
  readonly #source: ByteSource
  failure: Error | undefined

  constructor(source: ByteSource) {
    super()
    this.#source = source
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#chunks(start, end))
  }

  async *#chunks(start: number, end: number): AsyncGenerator<Uint8Array> {
    try {
      yield* chunksOf(this.#source, start, end)
    } catch (error) {
      this.failure = error as Error
      throw error
    }
  }
}

async function readDirectory(zip: ZipFile, source: ByteSource, reader: SourceReader): Promise<Container> {
  if (zip.entryCount > MAX_ENTRIES)
    throw unverifiable('form', 'container-unreadable', `${zip.entryCount} entries`)
  // Before the first entry is read, the cursor stands where the directory begins.
  const directory = Number(zip.readEntryCursor)
  const found: Entry[] = []
  for await (const entry of zip.eachEntry()) found.push(entry)
  const unpacked = found.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0)
  if (unpacked > Math.max(MAX_UNPACKED_BYTES, MAX_RATIO * source.length))
    throw unverifiable('form', 'container-unreadable', `${unpacked} bytes`)
  const ranges: Range[] = []
  for (const entry of found) ranges.push(await rangeOf(zip, entry))
  refuseGaps([...ranges, { start: directory, end: directory }])
  const files = found.filter(({ fileName }) => !fileName.endsWith('/'))
  const names = new Set(files.map(({ fileName }) => fileName.normalize('NFC')))
  if (names.size !== files.length) throw unverifiable('form', 'container-ambiguous', 'names')
  return new Map(files.map((entry) => [entry.fileName, containerEntry(zip, entry, reader)]))
}

interface Range {
  readonly start: number
  readonly end: number
}

async function rangeOf(zip: ZipFile, entry: Entry): Promise<Range> {
  const { fileName, compressionMethod, compressedSize, relativeOffsetOfLocalHeader: start } = entry
  const local = await zip.readLocalFileHeaderPromise(entry)
  if (Buffer.compare(local.fileName, entry.fileNameRaw) !== 0)
    throw unverifiable('form', 'container-ambiguous', fileName)
  if (entry.isEncrypted() || (compressionMethod !== STORED && compressionMethod !== DEFLATED))
    throw unverifiable('form', 'container-unreadable', fileName)
  if (local.compressionMethod !== compressionMethod)
    throw unverifiable('form', 'container-ambiguous', fileName)
  return { start, end: local.fileDataStart + compressedSize }
}

/** A data descriptor of ZIP64 with its signature (APPNOTE 4.3.9): what may stand after an entry's data. */
const MAX_DESCRIPTOR = 24

/**
 * Entries follow one another up to the directory. Where they share no bytes, what comes out is bounded by what lies in
 * the file; where nothing stands between them, nothing is hidden from readers of ZIP and shown to others.
 */
function refuseGaps(ranges: readonly Range[]): void {
  let end = 0
  for (const range of [...ranges].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const gap = range.start - end
    if (gap < 0 || gap > (end === 0 ? 0 : MAX_DESCRIPTOR))
      throw unverifiable('form', 'container-ambiguous', `${range.start}`)
    end = range.end
  }
}

const containerEntry = (zip: ZipFile, entry: Entry, reader: SourceReader): ContainerEntry => ({
  name: entry.fileName,
  length: entry.uncompressedSize,
  async *chunks() {
    try {
      const stream = await zip.openReadStreamPromise(entry)
      for await (const chunk of stream) yield chunk as Uint8Array
    } catch (error) {
      if (reader.failure !== undefined) throw reader.failure
      throw new ContainerError((error as Error).message)
    }
  },
})

/** The whole of an entry; undefined where it is longer than `most` bytes or cannot be unpacked. */
export async function readEntry(entry: ContainerEntry, most: number): Promise<Buffer | undefined> {
  if (entry.length > most) return undefined
  const parts: Uint8Array[] = []
  try {
    for await (const chunk of entry.chunks()) parts.push(chunk)
  } catch (error) {
    if (error instanceof ContainerError) return undefined
    throw error
  }
  return Buffer.concat(parts)
}
