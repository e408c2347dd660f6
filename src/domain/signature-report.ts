import type { Bilingual } from './bilingual.ts'
import type { Sha256 } from './identifiers.ts'
import type { Indication, SubIndication } from './indication.ts'
import { isOfSender, type SenderNames, type SignerKind, signerKindFor } from './signer-is-sender.ts'

/**
 * What can be said of one signature:
 * - absent: there is none;
 * - unverifiable: it stands there but cannot be checked (no certificate, unknown algorithm, stripped namespace, ...);
 * - invalid: it was checked and does not fit the bytes;
 * - valid: it fits the bytes. Whether the signer is trusted is a separate answer.
 */
export type SignatureState = 'absent' | 'unverifiable' | 'invalid' | 'valid'

/**
 * Whether the signature is to be relied on: `trusted` only where its validation ended in TOTAL_PASSED; `not-checked`
 * where it does not fit or covers a part, so that nothing was asked of its signer.
 */
export type TrustState = 'trusted' | 'untrusted' | 'not-checked'

/** One check that was made, or plainly was not. */
export interface SignatureCheck {
  /** Kebab-case: `digest`, `signature-value`, `whole-document`, `chain`, `validity-period`, `revocation`, `timestamp`, ... */
  readonly check: string
  readonly outcome: 'passed' | 'warned' | 'failed' | 'ignored' | 'not-made'
  /** The reason by its name, for programs: `digest-mismatch`, `no-path`, ... */
  readonly code?: string
  readonly reason?: Bilingual
}

/** A timestamp that comes with a signature, as it was found. */
export interface TimestampFinding {
  /** `content`, `signature`, `references`, `validation-data`, `archive`, `document`, `container`. */
  readonly kind: string
  /** ISO 8601; absent where the token cannot be read. */
  readonly genTime?: string
  /** Whether it is over what it should be over; null where that is not at hand. */
  readonly imprintMatch: boolean | null
  /** Whether the signature of the token fits. */
  readonly intact: boolean
  readonly tsaName?: string
  readonly trust: TrustState
  readonly checks: readonly SignatureCheck[]
}

/** The earliest time at which a signature is proven to have been there, and by what. */
export interface ProvenTime {
  /** ISO 8601. */
  readonly time: string
  readonly source: Bilingual
}

/** What validation adds to a finding (ETSI EN 319 102-1); absent in reports from before it was made. */
export interface ValidationFacts {
  readonly indication?: Indication
  readonly subIndication?: SubIndication
  readonly provenTime?: ProvenTime
  readonly timestamps?: readonly TimestampFinding[]
  readonly references?: readonly { readonly uri: string; readonly intact: boolean | null }[]
  readonly coverage?: 'whole' | 'part' | 'unknown'
  /** Whether the file was changed after signing by more than further signatures; null where that is not known. */
  readonly modifiedAfterSigning?: boolean | null
  /** Such as `XAdES-B-LT`, by what is there. */
  readonly level?: string
  /** It is over another signature, not over a document. */
  readonly counterSignature?: true
  /** It attests a time, not a signer. */
  readonly documentTimestamp?: true
}

export interface SignatureFinding extends ValidationFacts {
  /** `envelope`, or the ContentId of an attachment; with `#n` for the n-th signature inside it. */
  readonly where: string
  readonly format: 'xmldsig' | 'pades' | 'cms'
  readonly state: SignatureState
  readonly trust: TrustState
  readonly signerKind: SignerKind
  readonly signerName?: string
  /** Organisations that the signer's certificate names: of an agency's seal its own name, of a person where it works. */
  readonly signerOrganisations?: readonly string[]
  readonly certificateSha256?: Sha256
  /** Claimed by the signer, ISO 8601; no proof of time. */
  readonly claimedSigningTime?: string
  readonly digestAlgorithm?: string
  readonly signatureAlgorithm?: string
  readonly checks: readonly SignatureCheck[]
}

/** Everything that intake found out about signatures, kept with the document. */
export interface SignatureReport {
  readonly envelope: SignatureState
  readonly findings: readonly SignatureFinding[]
  /** Of the gateway that handed the packet in, over packet and attachments; it is nobody's signature of the document. */
  readonly gatewaySeal?: SignatureFinding
  readonly checkedAt: string
  /** The policy that it was judged by; absent in reports from before there were any. */
  readonly policy?: string
  /** Whether CRLs and OCSP responses were asked for, beside those at hand. */
  readonly revocationAsked?: boolean
}

/** Whether a finding is of somebody's signature over a document: not of a timestamp, nor of a countersignature. */
export const isOverDocument = ({ counterSignature, documentTimestamp }: ValidationFacts): boolean =>
  counterSignature !== true && documentTimestamp !== true

/** Whether a check of this name failed. */
export const hasFailed = ({ checks }: Pick<SignatureFinding, 'checks'>, check: string): boolean =>
  checks.some((one) => one.check === check && one.outcome === 'failed')

/**
 * The legal value that follows from the signatures (QĐ 28/2018/QĐ-TTg art. 4; NĐ 30/2020 art. 5: original value
 * needs the authorised person's and the agency's signature).
 */
export type LegalValue = 'agency-and-person' | 'agency-only' | 'reference-only'

export const LEGAL_VALUES: Record<LegalValue, Bilingual> = {
  'agency-and-person': {
    vi: 'bản gốc: có chữ ký số của người có thẩm quyền và của cơ quan',
    en: 'original: signed by the authorised person and the agency',
  },
  'agency-only': { vi: 'có chữ ký số của cơ quan', en: 'signed by the agency' },
  'reference-only': { vi: 'để biết, tham khảo', en: 'for reference' },
}

const RANK: Record<LegalValue, number> = { 'reference-only': 0, 'agency-only': 1, 'agency-and-person': 2 }

/** The attachment that a finding speaks of, or `envelope`: `where` without its `#n`. */
const subjectOf = (finding: SignatureFinding): string => finding.where.replace(/#\d+$/, '')

function valueFrom(findings: readonly SignatureFinding[], sender: SenderNames): LegalValue {
  const kinds = findings.map((finding) => signerKindFor(finding, sender))
  const [agency, person] = [kinds.includes('agency'), kinds.includes('person')]
  if (agency && person) return 'agency-and-person'
  return agency ? 'agency-only' : 'reference-only'
}

/** Adds to each trusted finding whether it is the sender's, so that a reader sees why it counts or does not. */
export const withSenderCheck = (finding: SignatureFinding, sender: SenderNames): SignatureFinding =>
  finding.state !== 'valid' || finding.trust !== 'trusted' || !isOverDocument(finding)
    ? finding
    : { ...finding, checks: [...finding.checks, senderCheck(isOfSender(finding, sender), finding, sender)] }

const senderCheck = (passed: boolean, finding: SignatureFinding, sender: SenderNames): SignatureCheck => {
  const names = [...new Set([finding.signerName ?? '?', ...(finding.signerOrganisations ?? [])])].join(', ')
  return passed
    ? { check: 'signer-is-sender', outcome: 'passed' }
    : {
        check: 'signer-is-sender',
        outcome: 'failed',
        reason: {
          vi: `Chứng thư thuộc ${names}, không phải ${sender.name}: chữ ký không được tính vào giá trị pháp lý.`,
          en: `The certificate belongs to ${names}, not to ${sender.name}: the signature does not count for the legal value.`,
        },
      }
}

/**
 * The legal value of a document with these attachments: the lowest that any of them has, for a reader takes the
 * document as a whole. Only signatures of the sender's count that fit the bytes, cover the whole and lead to a trust
 * anchor; a signature over the envelope counts for every attachment, one inside an attachment for that one alone.
 */
export function legalValueOf(
  report: SignatureReport,
  contentIds: readonly string[],
  sender: SenderNames,
): LegalValue {
  const counted = report.findings.filter(
    (finding) =>
      finding.state === 'valid' &&
      finding.trust === 'trusted' &&
      isOverDocument(finding) &&
      !hasFailed(finding, 'whole-document') &&
      isOfSender(finding, sender),
  )
  const overAll = counted.filter((finding) => subjectOf(finding) === 'envelope')
  const values = contentIds.map((id) =>
    valueFrom([...overAll, ...counted.filter((finding) => subjectOf(finding) === id)], sender),
  )
  if (values.length === 0) return valueFrom(overAll, sender)
  return values.reduce((lowest, value) => (RANK[value] < RANK[lowest] ? value : lowest))
}
