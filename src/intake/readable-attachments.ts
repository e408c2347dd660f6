import { buffer } from 'node:stream/consumers'
import type { BlobStage, StagedBlob } from '../blobs/store.ts'
import type { Attachment } from '../domain/envelope.ts'
import { GatewayError } from '../domain/problem.ts'
import { openAttachment } from '../edxml/open-attachment.ts'
import type { ByteSource } from '../signature/verify-attachment.ts'

/** An attachment as its reader will see it: senders' software zips files that are not PDF or Word, one to a zip. */
export interface ReadableAttachment {
  readonly contentId: string
  readonly type: string | undefined
  readonly content: ByteSource
}

/**
 * Opens attachments for checking. What is unwrapped goes into `scratch`, which the caller discards: the bytes that
 * count and are kept are those in the packet.
 * @param most bytes that may come out of one zip
 * @throws GatewayError `payload-too-large` for a zip that swells beyond `most`
 */
export async function readableAttachments(
  stage: BlobStage,
  scratch: BlobStage,
  attachments: readonly Attachment[],
  most: number,
): Promise<ReadableAttachment[]> {
  const opened: ReadableAttachment[] = []
  for (const attachment of attachments) opened.push(await open(stage, scratch, attachment, most))
  return opened
}

async function open(
  stage: BlobStage,
  scratch: BlobStage,
  attachment: Attachment,
  most: number,
): Promise<ReadableAttachment> {
  const { contentId, name, length, sha256, sniffedType } = attachment
  const raw = { contentId, type: sniffedType, content: byteSource(stage, attachment) }
  const file = await openAttachment({ name, length, read: (range) => stage.read(sha256, range) }, most)
  if (!file.unwrapped) return raw
  const inner = await scratch.write(file.read()).catch((error: unknown) => {
    // A zip that cannot be read holds nothing that could be checked; it travels as the bytes that it is.
    if (error instanceof GatewayError && error.code === 'packet-invalid') return undefined
    throw error
  })
  return inner === undefined ? raw : { contentId, type: file.type, content: byteSource(scratch, inner) }
}

const byteSource = (stage: BlobStage, blob: StagedBlob): ByteSource => ({
  length: blob.length,
  read: async (start, end) => buffer(stage.read(blob.sha256, { start, end })),
})
