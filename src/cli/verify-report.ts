import type { Bilingual } from '../domain/bilingual.ts'
import type { SignatureCheck } from '../domain/signature-report.ts'
import type { CheckedSignature } from '../signature/checks.ts'
import { reason } from '../signature/reasons.ts'
import type { CheckedTimestamp } from '../signature/timestamp/checked-timestamp.ts'
import { type OverallWord, overallWord, type SignatureWord, signatureWord } from './verify-words.ts'

/** What is said of the signer, in the words of ETSI EN 319 102-1 §5.1.3. */
export interface Indication {
  readonly indication: 'TOTAL_PASSED' | 'TOTAL_FAILED' | 'INDETERMINATE'
  readonly subIndication: string | null
  /** The checks of the signer, besides those of the format. */
  readonly checks?: readonly SignatureCheck[]
}

/** What `tram verify` prints of one file, as one line of JSON. */
export interface VerifyReport {
  readonly overall: OverallWord
  readonly kind: string | null
  readonly signatures: readonly SignatureLine[]
  /** Why no signature could be looked at. */
  readonly reason?: Bilingual
}

interface SignatureLine extends Omit<Indication, 'checks'> {
  /** As the file names it; its position, counted from 0, where it has no name. */
  readonly id: string
  readonly format: string
  readonly integrity: SignatureWord
  readonly valueIntact: boolean | null
  readonly references: readonly { readonly uri: string; readonly intact: boolean | null }[]
  /** Null where it is not known. */
  readonly coversWholeDocument: boolean | null
  readonly modifiedAfterSigning: boolean | null
  readonly digestAlg: string | null
  readonly sigAlg: string | null
  /** Whether an algorithm or a key is below today's strength. */
  readonly weak: boolean
  readonly signerCertSha256: string | null
  readonly claimedSigningTime: string | null
  readonly timestamps: readonly TimestampLine[]
  readonly checks: readonly SignatureCheck[]
}

interface TimestampLine {
  readonly kind: string
  /** ISO 8601 in UTC with milliseconds. */
  readonly genTime: string | null
  readonly imprintMatch: boolean | null
  readonly intact: boolean
  readonly policy: string | null
  readonly serial: string | null
  readonly tsaCertSha256: string | null
  readonly weak: boolean
}

export const verifyReport = (
  kind: string | null,
  signatures: readonly CheckedSignature[],
  indications: readonly Indication[],
): VerifyReport => ({
  overall: kind === null && signatures.length === 0 ? 'unsupported' : overallWord(signatures),
  kind,
  signatures: signatures.map((one, index) => signatureLine(one, index, indications[index]!)),
})

/** No value can be tried with the one key that counts. */
export const unknownKeyReport = (algorithmOid: string): VerifyReport => ({
  overall: 'unsupported',
  kind: null,
  signatures: [],
  reason: reason('algorithm-refused', algorithmOid),
})

function signatureLine(checked: CheckedSignature, index: number, said: Indication): SignatureLine {
  return {
    id: checked.id ?? String(index),
    format: checked.format,
    integrity: signatureWord(checked),
    valueIntact: checked.valueIntact,
    references: checked.references.map(({ uri, intact }) => ({ uri, intact })),
    coversWholeDocument: checked.coverage === 'unknown' ? null : checked.coverage === 'whole',
    modifiedAfterSigning: checked.modifiedAfterSigning,
    digestAlg: checked.digestAlgorithm ?? null,
    sigAlg: checked.signatureAlgorithm ?? null,
    weak: !checked.strong,
    signerCertSha256: checked.signer?.sha256 ?? null,
    claimedSigningTime: checked.claimedSigningTime ?? null,
    indication: said.indication,
    subIndication: said.subIndication,
    timestamps: checked.timestamps.map(timestampLine),
    checks: [...checked.checks, ...(said.checks ?? [])],
  }
}

const timestampLine = (one: CheckedTimestamp): TimestampLine => ({
  kind: one.kind,
  genTime: one.genTime?.toISOString() ?? null,
  imprintMatch: one.imprintMatch,
  intact: one.intact,
  policy: one.policyOid ?? null,
  serial: one.serial ?? null,
  tsaCertSha256: one.tsa?.sha256 ?? null,
  weak: !one.strong,
})
