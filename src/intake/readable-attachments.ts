import { buffer } from 'node:stream/consumers'
import type { BlobStage, BlobStore, ByteRange, StagedBlob } from '../blobs/store.ts'
import type { Attachment } from '../domain/envelope.ts'
import { openAttachment } from '../edxml/open-attachment.ts'
import { type ByteSource, bytesSource } from '../signature/byte-source.ts'

/** Where the decoded attachments lie: in the stage of a packet on its way in, or in the store. */
export type Kept = Pick<BlobStore, 'read'> & Partial<Pick<BlobStage, 'bytes'>>

/** An attachment as its reader will see it: senders' software zips files that are not PDF or Word, one to a zip. */
export interface ReadableAttachment {
  readonly contentId: string
  readonly type: string | undefined
  readonly content: ByteSource
}

/**
 * Opens attachments for checking, one after the other: what is unwrapped is discarded before the next is opened, for
 * the bytes that count and are kept are those in the packet.
 * @param most bytes that may come out of the zips of one packet, all together
 * @throws GatewayError `payload-too-large` for zips that swell beyond `most`, `packet-invalid` for a zip that different
 *   readers would read differently
 */
export async function* readableAttachments(
  kept: Kept,
  blobs: Pick<BlobStore, 'stage'>,
  attachments: readonly Attachment[],
  most: number,
): AsyncGenerator<ReadableAttachment> {
  let left = most
  for (const { contentId, name, length, sha256, sniffedType } of attachments) {
    const content = byteSource(kept, { sha256, length })
    const read = (range?: ByteRange) => kept.read(sha256, range)
    const file = await openAttachment({ name, length, read, bytes: kept.bytes?.(sha256) }, left)
    if (!file.unwrapped) {
      yield { contentId, type: sniffedType, content }
      continue
    }
    const scratch = await blobs.stage()
    try {
      const inner = await scratch.write(file.read())
      left -= inner.length
      yield { contentId, type: file.type, content: byteSource(scratch, inner) }
    } finally {
      await scratch.discard()
    }
  }
}

/** A blob that can be read in parts. */
export function byteSource(kept: Kept, blob: StagedBlob): ByteSource {
  const bytes = kept.bytes?.(blob.sha256)
  if (bytes !== undefined) return bytesSource(bytes)
  return {
    length: blob.length,
    read: async (start, end) => buffer(kept.read(blob.sha256, { start, end })),
  }
}
