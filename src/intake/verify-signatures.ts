import { buffer } from 'node:stream/consumers'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import {
  legalValueOf,
  type SignatureFinding,
  type SignatureReport,
  withSenderCheck,
} from '../domain/signature-report.ts'
import type { VerifyContext } from '../signature/trust-store.ts'
import { NO_EVIDENCE } from '../signature/validation/evidence.ts'
import { verifyAttachment } from '../signature/verify-attachment.ts'
import {
  type EnvelopeVerification,
  hasEnvelopeSignature,
  MAX_ENVELOPE_BYTES,
  verifyEnvelope,
} from '../signature/verify-envelope.ts'
import { readableAttachments } from './readable-attachments.ts'
import {
  attachmentsOf,
  type IntakeDependencies,
  type RoutedDocument,
  type VerifiedDocument,
} from './submission.ts'
import { refuseSecretText } from './text-layer.ts'

/**
 * Checks every signature of the envelope and inside the attachments, and derives the legal value. A signature that
 * does not fit its bytes refuses the packet; one that cannot be checked is reported as what it is.
 * @throws GatewayError `signature-invalid`, `state-secret`
 */
export async function verifySignatures(
  { trust, blobs, packetLimits }: IntakeDependencies,
  document: RoutedDocument,
): Promise<VerifiedDocument> {
  const { stage, envelope, now, sender } = document
  const attachments = attachmentsOf(envelope)
  const context: VerifyContext = { trust, time: now }
  const overEnvelope = await checkEnvelope(document, context)
  const findings: SignatureFinding[] = [...overEnvelope.findings]
  const warnings: Fault[] = []
  for await (const attachment of readableAttachments(stage, blobs, attachments, packetLimits.packetBytes)) {
    warnings.push(...(await refuseSecretText(attachment)))
    const { content, contentId, type } = attachment
    findings.push(...(await verifyAttachment(content, contentId, type, context)).findings)
  }
  const broken = findings.filter((finding) => finding.state === 'invalid')
  if (broken.length > 0) throw new GatewayError('signature-invalid', { faults: broken.map(toFault) })
  const report: SignatureReport = {
    envelope: overEnvelope.state,
    findings: findings.map((finding) => withSenderCheck(finding, sender)),
    checkedAt: now.toISOString(),
  }
  const contentIds = attachments.map((attachment) => attachment.contentId)
  const legalValue = legalValueOf(report, contentIds, sender)
  return { ...document, report, legalValue, warnings: [...document.warnings, ...warnings] }
}

/** A signature over a packet that is too large to be checked is said to be there, and no more. */
async function checkEnvelope(
  { stage, packet, parsed }: RoutedDocument,
  context: VerifyContext,
): Promise<EnvelopeVerification> {
  if (packet.length > MAX_ENVELOPE_BYTES) {
    return hasEnvelopeSignature(parsed.skeleton.bytes)
      ? NOT_READ
      : { state: 'absent', findings: [], evidence: NO_EVIDENCE }
  }
  return verifyEnvelope(await buffer(stage.read(packet.sha256)), context)
}

const NOT_READ: EnvelopeVerification = {
  evidence: NO_EVIDENCE,
  state: 'unverifiable',
  findings: [
    {
      where: 'envelope',
      format: 'xmldsig',
      state: 'unverifiable',
      trust: 'not-checked',
      signerKind: 'unknown',
      checks: [
        {
          check: 'signature-value',
          outcome: 'not-made',
          reason: {
            vi: 'Gói tin quá lớn để kiểm tra chữ ký trên toàn gói.',
            en: 'The packet is too large for a signature over the whole of it to be checked.',
          },
        },
      ],
    },
  ],
}

function toFault(finding: SignatureFinding): Fault {
  const failed = finding.checks.filter((check) => check.outcome === 'failed')
  return {
    code: 'signature-invalid',
    severity: 'error',
    path: finding.where,
    found: failed.map((check) => check.check).join(', '),
    hint: failed[0]?.reason ?? {
      vi: 'Nội dung đã bị thay đổi sau khi ký.',
      en: 'The content was changed after signing.',
    },
  }
}
