import { senderNames } from '../directory/snapshot/sender-names.ts'
import type { Envelope } from '../domain/envelope.ts'
import type { Fault } from '../domain/fault.ts'
import { SUB_INDICATIONS } from '../domain/indication.ts'
import { GatewayError } from '../domain/problem.ts'
import {
  isOverDocument,
  legalValueOf,
  type SignatureFinding,
  type SignatureReport,
  withSenderCheck,
} from '../domain/signature-report.ts'
import type { DocumentTypeName } from '../signature/policy/load-policies.ts'
import { boundedSource } from '../signature/validation/bounded-source.ts'
import { joinEvidence } from '../signature/validation/evidence.ts'
import { mayAsk } from '../signature/x509/revocation.ts'
import { checkContents } from './check-contents.ts'
import { checkGatewaySeal } from './gateway-seal.ts'
import {
  attachmentsOf,
  type IntakeDependencies,
  type RoutedDocument,
  type VerifiedDocument,
} from './submission.ts'
import { refuseSecretText } from './text-layer.ts'

/** An original asks of a person, an agency and their CAs: answers come in tenths of a second, and mostly from a cache. */
const BOUNDS = { deadlineMs: 10_000, most: 100, each: { deadlineMs: 2_000, most: 12 } }

/**
 * Checks every signature of the envelope and inside the attachments, and derives the legal value. A signature that
 * does not fit its bytes refuses the packet, unless the door has it reported; one that cannot be relied on is told as
 * what it is, and never holds the packet up.
 * @throws GatewayError `signature-invalid`, `state-secret`, `gateway-seal-invalid`, `overloaded`
 */
export async function verifySignatures(
  { trust, revocation, policyFor, blobs, packetLimits, linesOfPdf }: IntakeDependencies,
  document: RoutedDocument,
): Promise<VerifiedDocument> {
  const { stage, packet, envelope, now, day, registry } = document
  const sender = senderNames(registry.directory, document.sender.code, day)
  const attachments = attachmentsOf(envelope)
  const policy = policyFor(documentTypeOf(envelope))
  const warnings: Fault[] = []
  const asks = mayAsk(revocation)
  const context = { trust, time: now, policy, revocation: boundedSource(revocation, BOUNDS) }
  const way = await checkGatewaySeal(document, context)
  const { findings, evidence, ...state } = await checkContents(
    { kept: stage, packet, attachments, tree: document.parsed.tree },
    { blobs, most: packetLimits.packetBytes },
    context,
    async (attachment) => {
      warnings.push(...(await refuseSecretText(attachment, linesOfPdf)))
    },
  )
  const broken = findings.filter((finding) => finding.state === 'invalid')
  if (broken.length > 0 && document.brokenSignatures === 'refuse')
    throw new GatewayError('signature-invalid', { faults: broken.map(brokenFault) })
  const report: SignatureReport = {
    ...state,
    findings: findings.map((finding) => withSenderCheck(finding, sender)),
    ...(way.finding && { gatewaySeal: way.finding }),
    checkedAt: now.toISOString(),
    policy: policy.id,
    revocationAsked: asks,
  }
  const contentIds = attachments.map((attachment) => attachment.contentId)
  const legalValue = legalValueOf(report, contentIds, sender)
  warnings.push(...way.warnings, ...findings.filter(isOpen).map(openFault))
  return {
    ...document,
    report,
    evidence: joinEvidence([evidence, way.evidence]),
    legalValue,
    gatewaySeal: way.seal,
    warnings: [...document.warnings, ...warnings],
  }
}

export const documentTypeOf = (envelope: Envelope): DocumentTypeName | undefined =>
  envelope.kind === 'document' ? envelope.documentType : undefined

/** Fits its bytes, and is not to be relied on: the sender can do something about it. */
const isOpen = (finding: SignatureFinding): boolean =>
  finding.state !== 'unverifiable' && finding.indication !== 'TOTAL_PASSED' && isOverDocument(finding)

const openFault = ({ where, subIndication = 'GENERIC' }: SignatureFinding): Fault => {
  const { vi, en } = SUB_INDICATIONS[subIndication]
  return {
    code: 'signature-not-relied-on',
    severity: 'warning',
    path: where,
    found: subIndication,
    hint: {
      vi: `Chữ ký không được tính vào giá trị pháp lý: ${vi}.`,
      en: `The signature does not count for the legal value: ${en}.`,
    },
  }
}

function brokenFault(finding: SignatureFinding): Fault {
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
