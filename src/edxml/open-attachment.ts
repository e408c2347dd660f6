import type { Readable } from 'node:stream'
import type { ByteRange } from '../blobs/store.ts'
import { isZip, SNIFF_BYTES, sniffType } from './sniff.ts'
import { entryContent, singleEntry } from './zip-entry.ts'

/** An attachment as decoded from the packet. */
export interface AttachmentSource {
  readonly name: string
  /** Bytes. */
  readonly length: number
  readonly read: (range?: ByteRange) => Readable
  /** All bytes, where they are in memory anyway. */
  readonly bytes?: Uint8Array | undefined
}

/** The file that the sender meant, for checks and reading; the bytes that count as evidence stay the raw ones. */
export interface OpenedAttachment {
  /** Whether the file was taken out of a zip. */
  readonly unwrapped: boolean
  readonly type: string | undefined
  /** @throws GatewayError `payload-too-large`, `packet-invalid` where the zip is broken or ambiguous */
  readonly read: () => AsyncIterable<Uint8Array>
}

/**
 * Opens an attachment as the axis client does: a zip of exactly one file is unwrapped, unless its name says that the zip
 * itself is meant. The entry's name comes from the sender and is never looked at. A zip of which two programs could
 * read two contents is refused: checked would be the one, and read the other.
 * @param most bytes that may come out of a zip, counted as they come
 * @throws GatewayError `packet-invalid` with `attachment-ambiguous` or `attachment-unreadable`, `payload-too-large`
 */
export async function openAttachment(source: AttachmentSource, most: number): Promise<OpenedAttachment> {
  const head = source.bytes?.subarray(0, SNIFF_BYTES) ?? (await headOf(source.read()))
  const raw: OpenedAttachment = { unwrapped: false, type: sniffType(head), read: () => source.read() }
  if (!isZip(head) || /\.zip$/i.test(source.name.trim())) return raw
  const single = await singleEntry(source)
  // What nobody reads without a password or a rare method is opened by nobody on the way.
  if (single === undefined || !single.entry.canDecodeFileData()) return raw
  const read = () => entryContent(source, single, most)
  return { unwrapped: true, type: sniffType(await headOf(read())), read }
}

async function headOf(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let head = Buffer.alloc(0)
  for await (const chunk of content) {
    head = Buffer.concat([head, chunk])
    if (head.length >= SNIFF_BYTES) break
  }
  return head.subarray(0, SNIFF_BYTES)
}
