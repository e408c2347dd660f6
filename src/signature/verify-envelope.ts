import { hasFailed, type SignatureFinding, type SignatureState } from '../domain/signature-report.ts'
import { type Verification, verifySignatures } from './finding.ts'
import { checkXmlSignatures, looksSigned } from './formats/xmldsig.ts'
import { coversPacket } from './formats/xmldsig-coverage.ts'
import type { ValidationContext } from './validation/context.ts'

/** Packets above this many bytes are not read: their signatures are reported as unverifiable, with the reason. */
export { MAX_XML_BYTES as MAX_ENVELOPE_BYTES } from './formats/xmldsig-tree.ts'

export interface EnvelopeVerification extends Verification {
  readonly state: SignatureState
}

/**
 * Whether a packet bears anything that looks like an XML signature, from the part of it without attachment content
 * (UTF-8 XML): any Signature or DigitalSignature element with content, in whatever namespace. For packets that are too
 * large for `verifyEnvelope`. What cannot be read is taken to bear one.
 */
export const hasEnvelopeSignature = (skeleton: Uint8Array): boolean => looksSigned(skeleton)

const RANK: Record<SignatureState, number> = { absent: 0, valid: 1, unverifiable: 2, invalid: 3 }

/**
 * What the signature of a part says of the envelope as a whole: that it fits the part is in the finding, but the
 * envelope cannot be called valid for it.
 */
const stateForWhole = (finding: SignatureFinding): SignatureState =>
  finding.state === 'valid' && hasFailed(finding, 'whole-document') ? 'unverifiable' : finding.state

/**
 * Verifies the XML signatures of a packet exactly as received. The state is the worst of the findings (invalid, then
 * unverifiable, then valid), `absent` where there is no signature or an empty one. No I/O but by `context.revocation`,
 * and nothing is thrown for what the bytes hold.
 */
export async function verifyEnvelope(
  packet: Uint8Array,
  context: ValidationContext,
): Promise<EnvelopeVerification> {
  const checked = checkXmlSignatures(packet, { coverage: coversPacket })
  const verification = await verifySignatures('envelope', checked, context)
  const state = verification.findings
    .map(stateForWhole)
    .reduce<SignatureState>((worst, one) => (RANK[one] > RANK[worst] ? one : worst), 'absent')
  return { state, ...verification }
}
