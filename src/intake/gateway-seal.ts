import { senderNames } from '../directory/snapshot/sender-names.ts'
import type { Fault } from '../domain/fault.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { SUB_INDICATIONS } from '../domain/indication.ts'
import { GatewayError } from '../domain/problem.ts'
import { sealedObjects } from '../domain/sealed-objects.ts'
import { hasFailed, type SignatureFinding } from '../domain/signature-report.ts'
import { isOfSender } from '../domain/signer-is-sender.ts'
import type { Verification } from '../signature/finding.ts'
import type { ValidationContext } from '../signature/validation/context.ts'
import { type Evidence, NO_EVIDENCE } from '../signature/validation/evidence.ts'
import { verifyGivenSeal } from '../signature/verify-seal.ts'
import { attachmentsOf, type RoutedDocument } from './submission.ts'

/** What another gateway's seal says of a packet that it handed in. */
export interface GatewaySealCheck {
  /** Absent where there is no other gateway, or it gave no seal. */
  readonly finding?: SignatureFinding
  /** The seal, in the stage. */
  readonly seal: Sha256 | null
  readonly evidence: Evidence
  readonly warnings: readonly Fault[]
}

/** Seals with every timestamp of decades are smaller. */
const MOST_BYTES = 4 * 1024 * 1024
/** Names it in reports and faults. */
export const GATEWAY_SEAL = 'gateway-seal'
const NOTHING: GatewaySealCheck = { seal: null, evidence: NO_EVIDENCE, warnings: [] }

/**
 * Verifies the seal of the gateway that hands a packet in, over packet and attachments as they arrived here. It must fit
 * them and be that of the agency that runs the gateway: by a certificate that the directory has registered for it, else
 * by its name. That its certificate cannot be judged at this moment (no answer on revocation) is told, and holds nothing
 * up. It proves the way, and adds nothing to the legal value.
 * @throws GatewayError `gateway-seal-invalid`
 */
export async function checkGatewaySeal(
  document: RoutedDocument,
  context: ValidationContext,
): Promise<GatewaySealCheck> {
  const { fromGateway, stage, packet, envelope } = document
  if (fromGateway === undefined) return NOTHING
  const { seal, name } = fromGateway
  if (seal === undefined) return { ...NOTHING, warnings: [withoutSeal(name)] }
  if (seal.length > MOST_BYTES) throw refusal('too-large')
  const objects = sealedObjects(packet.sha256, attachmentsOf(envelope))
  const { findings, evidence } = await verify(() => verifyGivenSeal(GATEWAY_SEAL, seal, objects, context))
  const broken = findings.find((one) => one.state !== 'valid' || hasFailed(one, 'whole-document'))
  const [finding] = findings
  if (finding === undefined || broken !== undefined) throw refusal('does-not-fit', broken)
  const judged = judge(document, finding)
  const { sha256 } = await stage.write(only(seal))
  return {
    finding: judged,
    seal: sha256,
    evidence,
    warnings: judged.trust === 'trusted' ? [] : [unproven(judged)],
  }
}

/** A seal that cannot even be read is one that does not hold. */
async function verify(work: () => Promise<Verification>): Promise<Verification> {
  try {
    return await work()
  } catch (cause) {
    throw refusal('unreadable', undefined, cause)
  }
}

/** What another answer on revocation may change; anything else is for the gateway's operators to mend. */
const OPEN: ReadonlySet<string> = new Set(['TRY_LATER'])

function judge(document: RoutedDocument, finding: SignatureFinding): SignatureFinding {
  const { trust, subIndication } = finding
  if (trust !== 'trusted' && !OPEN.has(subIndication ?? '')) throw refusal('not-relied-on', finding)
  const { fromGateway, caller, registry, day } = document
  const agency = fromGateway?.agency ?? caller.agency
  if (agency === null) throw refusal('nobody', finding)
  if (!isOfSender(finding, senderNames(registry.directory, agency, day))) throw refusal('another', finding)
  return { ...finding, checks: [...finding.checks, { check: 'signer-is-gateway', outcome: 'passed' }] }
}

const REASONS = {
  'too-large': { vi: 'Con dấu quá lớn.', en: 'The seal is too large.' },
  unreadable: { vi: 'Không đọc được con dấu.', en: 'The seal cannot be read.' },
  'does-not-fit': {
    vi: 'Con dấu không khớp gói tin hoặc tệp đính kèm như đã nhận ở đây.',
    en: 'The seal does not fit the packet or its attachments as they arrived here.',
  },
  'not-relied-on': {
    vi: 'Chứng thư của con dấu không được tin cậy ở đây.',
    en: "The seal's certificate is not trusted here.",
  },
  nobody: {
    vi: 'Không rõ cơ quan nào vận hành trục gửi.',
    en: 'It is not known which agency runs the sending gateway.',
  },
  another: {
    vi: 'Chứng thư của con dấu không phải của cơ quan vận hành trục gửi: hãy đăng ký chứng thư này cho cơ quan đó trong danh bạ.',
    en: "The seal's certificate is not that of the agency which runs the sending gateway: register it for that agency in the directory.",
  },
} as const

function refusal(reason: keyof typeof REASONS, finding?: SignatureFinding, cause?: unknown): GatewayError {
  const failed = finding?.checks.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check) ?? []
  const found = [finding?.signerName, finding?.certificateSha256, finding?.subIndication, ...failed]
  const fault: Fault = {
    code: `gateway-seal-${reason}`,
    severity: 'error',
    path: GATEWAY_SEAL,
    found: found.filter((one) => one !== undefined).join(', '),
    hint: REASONS[reason],
  }
  return new GatewayError('gateway-seal-invalid', { detail: REASONS[reason], faults: [fault], cause })
}

const withoutSeal = (gateway: string): Fault => ({
  code: 'gateway-seal-missing',
  severity: 'warning',
  path: GATEWAY_SEAL,
  found: gateway,
  hint: {
    vi: `${gateway} không gửi kèm con dấu: không chứng minh được gói tin còn nguyên từ trục đó.`,
    en: `${gateway} gave no seal: nothing proves that the packet is as that gateway had it.`,
  },
})

function unproven({ subIndication = 'GENERIC' }: SignatureFinding): Fault {
  const { vi, en } = SUB_INDICATIONS[subIndication]
  return {
    code: 'gateway-seal-not-relied-on',
    severity: 'warning',
    path: GATEWAY_SEAL,
    found: subIndication,
    hint: {
      vi: `Con dấu của trục gửi khớp, nhưng chưa kết luận được về chứng thư: ${vi}.`,
      en: `The sending gateway's seal fits, but its certificate cannot be judged: ${en}.`,
    },
  }
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
