import { hasFailed, type SignatureFinding, type SignatureState } from '../domain/signature-report.ts'
import type { XmlRoot } from '../xml/nodes.ts'
import { type ByteSource, bytesSource } from './byte-source.ts'
import type { CheckedSignature } from './checks.ts'
import { type Verification, verifySignatures } from './finding.ts'
import { checkXmlTree, type XmlRules } from './formats/xmldsig.ts'
import { coversPacket } from './formats/xmldsig-coverage.ts'
import { checkXmlSource, type XmlLimits } from './formats/xmldsig-source.ts'
import type { ValidationContext } from './validation/context.ts'

export interface EnvelopeVerification extends Verification {
  readonly state: SignatureState
}

const RANK: Record<SignatureState, number> = { absent: 0, valid: 1, unverifiable: 2, invalid: 3 }

/**
 * What the signature of a part says of the envelope as a whole: that it fits the part is in the finding, but the
 * envelope cannot be called valid for it.
 */
const stateForWhole = (finding: SignatureFinding): SignatureState =>
  finding.state === 'valid' && hasFailed(finding, 'whole-document') ? 'unverifiable' : finding.state

const RULES: XmlRules = { coverage: coversPacket }

async function checkPacket(
  packet: ByteSource | Uint8Array | XmlRoot,
  limits: XmlLimits | undefined,
): Promise<CheckedSignature[]> {
  if ('kind' in packet) return checkXmlTree(packet, RULES)
  const source = packet instanceof Uint8Array ? bytesSource(packet) : packet
  return checkXmlSource(source, async () => RULES, limits)
}

/**
 * Verifies the XML signatures of a packet exactly as received. The state is the worst of the findings (invalid, then
 * unverifiable, then valid), `absent` where there is no signature or an empty one. Of a packet of any length the
 * attachments stay where they are, and one that was read before is taken as its tree; what is too large without them is reported as unverifiable. No I/O but by `packet`
 * and `context.revocation`, and nothing is thrown for what the bytes hold.
 */
export async function verifyEnvelope(
  packet: ByteSource | Uint8Array | XmlRoot,
  context: ValidationContext,
  limits?: XmlLimits,
): Promise<EnvelopeVerification> {
  const checked = await checkPacket(packet, limits)
  const verification = await verifySignatures('envelope', checked, context)
  const state = verification.findings
    .map(stateForWhole)
    .reduce<SignatureState>((worst, one) => (RANK[one] > RANK[worst] ? one : worst), 'absent')
  return { state, ...verification }
}
