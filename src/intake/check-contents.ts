import { buffer } from 'node:stream/consumers'
import type { BlobStore, StagedBlob } from '../blobs/store.ts'
import type { Attachment } from '../domain/envelope.ts'
import type { SignatureFinding, SignatureState } from '../domain/signature-report.ts'
import type { ValidationContext } from '../signature/validation/context.ts'
import { type Evidence, joinEvidence, NO_EVIDENCE } from '../signature/validation/evidence.ts'
import { verifyAttachment } from '../signature/verify-attachment.ts'
import {
  type EnvelopeVerification,
  MAX_ENVELOPE_BYTES,
  verifyEnvelope,
} from '../signature/verify-envelope.ts'
import { type Kept, type ReadableAttachment, readableAttachments } from './readable-attachments.ts'

/** A packet with its decoded attachments, on its way in or in the store. */
export interface SignedContents {
  readonly kept: Kept
  readonly packet: StagedBlob
  readonly attachments: readonly Attachment[]
  /** Whether a packet that is too large to be checked looks signed. */
  readonly looksSigned: () => boolean
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
  { kept, packet, attachments, looksSigned }: SignedContents,
  { blobs, most }: { readonly blobs: Pick<BlobStore, 'stage'>; readonly most: number },
  context: ValidationContext,
  look: (attachment: ReadableAttachment) => Promise<void> = async () => undefined,
): Promise<ContentsVerification> {
  const envelope = await checkEnvelope(kept, packet, looksSigned, context)
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

/** A signature over a packet that is too large to be checked is said to be there, and no more. */
async function checkEnvelope(
  kept: Kept,
  packet: StagedBlob,
  looksSigned: () => boolean,
  context: ValidationContext,
): Promise<EnvelopeVerification> {
  if (packet.length > MAX_ENVELOPE_BYTES) {
    return looksSigned() ? NOT_READ : { state: 'absent', findings: [], evidence: NO_EVIDENCE }
  }
  return verifyEnvelope(await buffer(kept.read(packet.sha256)), context)
}

const NOT_READ: EnvelopeVerification = {
  state: 'unverifiable',
  evidence: NO_EVIDENCE,
  findings: [
    {
      where: 'envelope',
      format: 'xmldsig',
      state: 'unverifiable',
      trust: 'not-checked',
      signerKind: 'unknown',
      indication: 'INDETERMINATE',
      subIndication: 'GENERIC',
      checks: [
        {
          check: 'signature-value',
          outcome: 'not-made',
          code: 'xml-too-large',
          reason: {
            vi: 'Gói tin quá lớn để kiểm tra chữ ký trên toàn gói.',
            en: 'The packet is too large for a signature over the whole of it to be checked.',
          },
        },
      ],
    },
  ],
}
