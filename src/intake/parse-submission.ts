import type { BlobStage } from '../blobs/store.ts'
import { type Fault, hasErrors } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import { withSender } from '../domain/unnamed-sender.ts'
import { parsePacket } from '../edxml/parse-packet.ts'
import { validateEnvelope } from '../edxml/validate-envelope.ts'
import type { IntakeDependencies, ParsedDocument, Submission } from './submission.ts'

/**
 * Reads the packet: exact bytes and decoded attachments into the stage, facts into the envelope.
 * @throws GatewayError `packet-malformed`, `packet-refused`, `packet-invalid` (with every fault), `payload-too-large`
 */
export async function parseSubmission(
  { packetLimits }: IntakeDependencies,
  submission: Submission,
  stage: BlobStage,
): Promise<ParsedDocument> {
  const parsed = await parsePacket(submission.content, stage, packetLimits)
  const { senderWhereNull } = submission
  const found = [...parsed.faults, ...validateEnvelope(parsed)]
  const faults = senderWhereNull === undefined ? found : found.map(forgivenInFrom)
  if (hasErrors(faults)) throw new GatewayError('packet-invalid', { faults })
  return {
    caller: submission.caller,
    idempotencyKey: submission.idempotencyKey,
    brokenSignatures: submission.brokenSignatures ?? 'refuse',
    serves: submission.serves,
    handedInFor: submission.handedInFor,
    fromGateway: submission.fromGateway,
    stage,
    packet: parsed.packet,
    parsed,
    envelope: withSender(parsed.envelope, senderWhereNull),
    warnings: faults,
  }
}

/** A From of `null` is no reason to refuse a packet whose sender is named beside it. */
const forgivenInFrom = (fault: Fault): Fault =>
  fault.code === 'agency-code-null' && fault.path?.endsWith('/MessageHeader/From/OrganId')
    ? { ...fault, severity: 'warning' }
    : fault
