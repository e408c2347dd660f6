import type { BlobStore, StagedBlob } from '../blobs/store.ts'
import type { Attachment } from '../domain/envelope.ts'
import type { SignatureFinding, SignatureState } from '../domain/signature-report.ts'
import type { ParsedPacket } from '../edxml/parse-packet.ts'
import type { ValidationContext } from '../signature/validation/context.ts'
import { type Evidence, joinEvidence } from '../signature/validation/evidence.ts'
import { verifyAttachment } from '../signature/verify-attachment.ts'
import { verifyEnvelope } from '../signature/verify-envelope.ts'
import {
  byteSource,
  type Kept,
  type ReadableAttachment,
  readableAttachments,
} from './readable-attachments.ts'

/** A packet with its decoded attachments, on its way in or in the store. */
export interface SignedContents {
  readonly kept: Kept
  readonly packet: StagedBlob
  /** That of the packet, where it was read at once. */
  readonly tree?: ParsedPacket['tree']
  readonly attachments: readonly Attachment[]
}

export interface ContentsVerification {
  /** The state of the signature over the packet. */
  readonly envelope: SignatureState
  readonly findings: readonly SignatureFinding[]
  readonly evidence: Evidence
}

/**
 * Checks every signature over a packet and inside its attachments.
 * @param most bytes that may come out of the zips of one packet, all together
 * @param look is shown each attachment as its reader will see it, before its signatures are checked
 * @throws what `look` throws; GatewayError `payload-too-large`, `packet-invalid` of attachments that are zips
 */
export async function checkContents(
  { kept, packet, tree, attachments }: SignedContents,
  { blobs, most }: { readonly blobs: Pick<BlobStore, 'stage'>; readonly most: number },
  context: ValidationContext,
  look: (attachment: ReadableAttachment) => Promise<void> = async () => undefined,
): Promise<ContentsVerification> {
  const envelope = await verifyEnvelope(tree ?? byteSource(kept, packet), context)
  const found = [envelope]
  for await (const attachment of readableAttachments(kept, blobs, attachments, most)) {
    await look(attachment)
    const { content, contentId, type } = attachment
    const { findings, evidence } = await verifyAttachment(content, contentId, type, context)
    found.push({ state: envelope.state, findings, evidence })
  }
  return {
    envelope: envelope.state,
    findings: found.flatMap(({ findings }) => findings),
    evidence: joinEvidence(found.map(({ evidence }) => evidence)),
  }
}
