import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl'
import type { ByteRange } from '../blobs/store.ts'
import { refusal, tooLarge } from './refuse.ts'
import { SNIFF_BYTES, sniffType } from './sniff.ts'

/** An attachment as decoded from the packet. */
export interface AttachmentSource {
  readonly name: string
  /** Bytes. */
  readonly length: number
  readonly read: (range?: ByteRange) => Readable
}

/** The file that the sender meant, for checks and reading; the bytes that count as evidence stay the raw ones. */
export interface OpenedAttachment {
  /** Whether the file was taken out of a zip. */
  readonly unwrapped: boolean
  readonly type: string | undefined
  /** @throws GatewayError `payload-too-large`, `packet-invalid` where the zip is broken */
  readonly read: () => AsyncIterable<Uint8Array>
}

/**
 * Opens an attachment as the axis client does: a zip of exactly one file is unwrapped, unless its name says that the zip
 * itself is meant. The entry's name comes from the sender and is never looked at. What cannot be read as a zip is taken
 * as it is.
 * @param most bytes that may come out of a zip, counted as they come
 */
export async function openAttachment(source: AttachmentSource, most: number): Promise<OpenedAttachment> {
  const raw: OpenedAttachment = {
    unwrapped: false,
    type: await typeOf(source.read()),
    read: () => source.read(),
  }
  if (raw.type !== 'application/zip' || /\.zip$/i.test(source.name)) return raw
  const single = await singleEntry(source).catch(() => undefined)
  if (single === undefined) return raw
  const read = () => inflate(single.zip, single.entry, most)
  return { unwrapped: true, type: await typeOf(read()), read }
}

async function typeOf(content: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  let head = Buffer.alloc(0)
  for await (const chunk of content) {
    head = Buffer.concat([head, chunk])
    if (head.length >= SNIFF_BYTES) break
  }
  return sniffType(head.subarray(0, SNIFF_BYTES))
}

class SourceReader extends RandomAccessReader {
  readonly #source: AttachmentSource

  constructor(source: AttachmentSource) {
    super()
    this.#source = source
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return this.#source.read({ start, end })
  }
}

async function singleEntry(source: AttachmentSource): Promise<{ zip: ZipFile; entry: Entry } | undefined> {
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true }
  const zip = await fromRandomAccessReaderPromise(new SourceReader(source), source.length, options)
  if (zip.entryCount !== 1) return undefined
  for await (const entry of zip.eachEntry()) return entry.canDecodeFileData() ? { zip, entry } : undefined
  return undefined
}

async function* inflate(zip: ZipFile, entry: Entry, most: number): AsyncGenerator<Uint8Array> {
  let length = 0
  let checksum = 0
  try {
    const content: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry)
    for await (const chunk of content) {
      length += chunk.length
      if (length > most) break
      checksum = crc32(chunk, checksum)
      yield chunk
    }
  } catch (error) {
    throw refusal('packet-invalid', 'attachment-unreadable', { found: String(error) })
  }
  if (length > most) throw tooLarge('unzipped bytes', most)
  if (checksum !== entry.crc32) throw refusal('packet-invalid', 'attachment-unreadable', { found: 'CRC-32' })
}
