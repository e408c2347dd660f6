import type { Bilingual } from './bilingual.ts'
import type { Sha256 } from './identifiers.ts'

/**
 * What can be said of one signature:
 * - absent: there is none;
 * - unverifiable: it stands there but cannot be checked (no certificate, unknown algorithm, stripped namespace, ...);
 * - invalid: it was checked and does not fit the bytes;
 * - valid: it fits the bytes. Whether the signer is trusted is a separate answer.
 */
export type SignatureState = 'absent' | 'unverifiable' | 'invalid' | 'valid'

/** Whether the signer's certificate leads to a trust anchor at the time of checking. */
export type TrustState = 'trusted' | 'untrusted' | 'not-checked'

/** One check that was made, or plainly was not. */
export interface SignatureCheck {
  /** Kebab-case: `digest`, `signature-value`, `whole-document`, `chain`, `validity-period`, `revocation`, `timestamp`, ... */
  readonly check: string
  readonly outcome: 'passed' | 'failed' | 'not-made'
  readonly reason?: Bilingual
}

export interface SignatureFinding {
  /** `envelope`, or the ContentId of an attachment; with `#n` for the n-th signature inside it. */
  readonly where: string
  readonly format: 'xmldsig' | 'pades' | 'cms'
  readonly state: SignatureState
  readonly trust: TrustState
  /** From the signing certificate's subject: an organisation's seal or a person's signature. */
  readonly signerKind: 'agency' | 'person' | 'unknown'
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
  readonly checkedAt: string
}

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

function valueFrom(findings: readonly SignatureFinding[]): LegalValue {
  const agency = findings.some((finding) => finding.signerKind === 'agency')
  const person = findings.some((finding) => finding.signerKind === 'person')
  if (agency && person) return 'agency-and-person'
  return agency ? 'agency-only' : 'reference-only'
}

/**
 * The legal value of a document with these attachments: the lowest that any of them has, for a reader takes the
 * document as a whole. Only signatures that fit the bytes and lead to a trust anchor count; a signature over the
 * envelope counts for every attachment, a signature inside one attachment for that one alone.
 */
export function legalValueOf(report: SignatureReport, contentIds: readonly string[]): LegalValue {
  const counted = report.findings.filter(
    (finding) => finding.state === 'valid' && finding.trust === 'trusted',
  )
  const overAll = counted.filter((finding) => subjectOf(finding) === 'envelope')
  const values = contentIds.map((id) =>
    valueFrom([...overAll, ...counted.filter((finding) => subjectOf(finding) === id)]),
  )
  if (values.length === 0) return valueFrom(overAll)
  return values.reduce((lowest, value) => (RANK[value] < RANK[lowest] ? value : lowest))
}
