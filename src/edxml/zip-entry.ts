import { pipeline, type Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl'
import type { ByteRange } from '../blobs/store.ts'
import { GatewayError } from '../domain/problem.ts'
import { refusal, tooLarge } from './refuse.ts'

/** The one file of a zip that every reader finds, whether it goes by the central directory or by local headers. */
export interface ZipEntry {
  readonly entry: Entry
  /** Where its data begin, in bytes. */
  readonly dataStart: number
}

export interface ZipSource {
  /** Bytes. */
  readonly length: number
  readonly read: (range?: ByteRange) => Readable
}

const DESCRIPTOR_FLAG = 8
const ENCRYPTED_FLAG = 1
const STORED = 0
const DEFLATED = 8
const END_LENGTH = 22
const ZIP64_LOCATOR = Buffer.from('PK\x06\x07', 'latin1')
const ZIP64 = 0xffffffff

const ambiguous = (found: string): Error => refusal('packet-invalid', 'attachment-ambiguous', { found })

/** What the disk or the store did wrong is no fault of the packet. */
function unreadable(error: unknown): Error {
  if (error instanceof GatewayError || (error instanceof Error && 'syscall' in error)) return error
  return refusal('packet-invalid', 'attachment-unreadable', { found: String(error) })
}

/**
 * The entry of a zip that holds exactly one; undefined for more. Its local header stands at the beginning and says what
 * the central directory says, and nothing stands between, before or behind the records of the one file (APPNOTE 6.3.10
 * §4.3.6): otherwise one program would see another content than the next.
 * @throws GatewayError `packet-invalid`
 */
export async function singleEntry(source: ZipSource): Promise<ZipEntry | undefined> {
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true }
  const zip = await fromRandomAccessReaderPromise(new SourceReader(source), source.length, options).catch(
    (error: unknown) => {
      throw unreadable(error)
    },
  )
  if (zip.entryCount === 0) throw ambiguous('a local header, and an empty central directory')
  if (zip.entryCount > 1) return undefined
  const entry = await firstEntry(zip)
  const end = source.length - END_LENGTH
  const start = end - 46 - entry.fileNameLength - entry.extraFieldLength - entry.fileCommentLength
  await checkEnd(source, start, end)
  return { entry, dataStart: await checkLocalHeader(zip, entry, source, start) }
}

class SourceReader extends RandomAccessReader {
  readonly #source: ZipSource

  constructor(source: ZipSource) {
    super()
    this.#source = source
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return this.#source.read({ start, end })
  }
}

async function firstEntry(zip: ZipFile): Promise<Entry> {
  try {
    for await (const entry of zip.eachEntry()) return entry
  } catch (error) {
    throw unreadable(error)
  }
  throw unreadable('no entry')
}

/** Where the data begin. @param end where they, or what describes them, must end */
async function checkLocalHeader(zip: ZipFile, entry: Entry, source: ZipSource, end: number): Promise<number> {
  if (entry.relativeOffsetOfLocalHeader !== 0) throw ambiguous('bytes before the local header')
  const local = await zip.readLocalFileHeaderPromise(entry).catch((error: unknown) => {
    throw unreadable(error)
  })
  const described = (local.generalPurposeBitFlag & DESCRIPTOR_FLAG) !== 0
  const encrypted = (local.generalPurposeBitFlag ^ entry.generalPurposeBitFlag) & ENCRYPTED_FLAG
  const sizes = sizesOf(local)
  const says = (found: number, expected: number) => found === expected || (described && found === 0)
  const agrees =
    local.fileName.equals(entry.fileNameRaw) &&
    local.compressionMethod === entry.compressionMethod &&
    encrypted === 0 &&
    says(local.crc32, entry.crc32) &&
    says(sizes.compressed, entry.compressedSize) &&
    says(sizes.uncompressed, entry.uncompressedSize)
  if (!agrees) throw ambiguous('the local header differs from the central directory')
  // Where stored data ends only its descriptor tells, and that may stand in the data as well.
  if (described && entry.compressionMethod === STORED) throw ambiguous('stored with a data descriptor')
  const gap = await bytesOf(source, local.fileDataStart + entry.compressedSize, end)
  const fills = described ? descriptorsOf(entry).some((one) => one.equals(gap)) : gap.length === 0
  if (!fills) throw ambiguous('bytes between the data and the central directory')
  return local.fileDataStart
}

interface LocalSizes {
  readonly compressedSize: number
  readonly uncompressedSize: number
  readonly extraField: Buffer
}

/** Some writers reserve the 64-bit sizes of §4.5.3 for whatever they do not know the length of. */
function sizesOf(local: LocalSizes) {
  const plain = { compressed: local.compressedSize, uncompressed: local.uncompressedSize }
  if (plain.compressed !== ZIP64 && plain.uncompressed !== ZIP64) return plain
  for (let at = 0; at + 4 <= local.extraField.length; at += 4 + local.extraField.readUInt16LE(at + 2)) {
    if (local.extraField.readUInt16LE(at) !== 1 || at + 20 > local.extraField.length) continue
    return {
      uncompressed: Number(local.extraField.readBigUInt64LE(at + 4)),
      compressed: Number(local.extraField.readBigUInt64LE(at + 12)),
    }
  }
  return plain
}

/** The forms of a data descriptor (§4.3.9): with and without its signature, in 32 and 64 bits. */
function descriptorsOf({ crc32, compressedSize, uncompressedSize }: Entry): Buffer[] {
  const short = Buffer.alloc(12)
  const long = Buffer.alloc(20)
  for (const each of [short, long]) each.writeUInt32LE(crc32, 0)
  short.writeUInt32LE(compressedSize, 4)
  short.writeUInt32LE(uncompressedSize, 8)
  long.writeBigUInt64LE(BigInt(compressedSize), 4)
  long.writeBigUInt64LE(BigInt(uncompressedSize), 12)
  const signature = Buffer.from('PK\x07\x08', 'latin1')
  return [short, long].flatMap((each) => [each, Buffer.concat([signature, each])])
}

/** The end record, of which nothing is free: one disk, one entry, this directory, no comment (§4.3.16). */
async function checkEnd(source: ZipSource, start: number, end: number) {
  const record = Buffer.alloc(END_LENGTH)
  record.write('PK\x05\x06', 'latin1')
  record.writeUInt16LE(1, 8)
  record.writeUInt16LE(1, 10)
  record.writeUInt32LE(end - start, 12)
  record.writeUInt32LE(start, 16)
  // Behind a zip64 locator, readers that know it would go by another directory.
  const locator = await bytesOf(source, end - 20, end - 16)
  if (locator.equals(ZIP64_LOCATOR)) throw ambiguous('a zip64 end record')
  if (!record.equals(await bytesOf(source, end, end + END_LENGTH)))
    throw ambiguous('the end record, or bytes about it')
}

/** At most so many bytes are looked at: no record that is compared with is longer. */
const LONGEST_RECORD = 24

async function bytesOf(source: ZipSource, start: number, end: number): Promise<Buffer> {
  if (start < 0 || end < start || end - start > LONGEST_RECORD)
    throw ambiguous(`${end - start} bytes about the records`)
  if (end === start) return Buffer.alloc(0)
  const chunks: Buffer[] = []
  for await (const chunk of source.read({ start, end })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * The content of the entry.
 * @param most bytes, counted as they come
 * @throws GatewayError `payload-too-large`; `packet-invalid` where content and records disagree
 */
export async function* entryContent(
  source: ZipSource,
  { entry, dataStart }: ZipEntry,
  most: number,
): AsyncGenerator<Uint8Array> {
  let length = 0
  let checksum = 0
  const inflate = createInflateRaw()
  try {
    const data = source.read({ start: dataStart, end: dataStart + entry.compressedSize })
    const content: AsyncIterable<Buffer> =
      entry.compressionMethod === DEFLATED ? pipeline(data, inflate, () => {}) : data
    for await (const chunk of content) {
      length += chunk.length
      if (length > most) break
      checksum = crc32(chunk, checksum)
      yield chunk
    }
  } catch (error) {
    throw unreadable(error)
  }
  if (length > most) throw tooLarge('unzipped bytes', most)
  if (checksum !== entry.crc32 || length !== entry.uncompressedSize) throw unreadable('CRC-32 or length')
  // What stands behind the end of the deflated data would be another entry to a reader of local headers.
  if (entry.compressionMethod === DEFLATED && inflate.bytesWritten !== entry.compressedSize) {
    throw ambiguous('bytes behind the deflated data')
  }
}
