import type { SignatureCheck } from '../../domain/signature-report.ts'
import type { ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'

/**
 * What a timestamp stands over, in the words of ETSI EN 319 122-1 and EN 319 132-1:
 * - content: the signed data, before signing (content-time-stamp, AllDataObjectsTimeStamp, ...);
 * - signature: the signature value;
 * - references: the signature value and references to validation data (SigAndRefsTimeStamp);
 * - validation-data: references to validation data alone (RefsOnlyTimeStamp): it proves nothing of the signature;
 * - archive: the signature with all of its validation data, up to that moment;
 * - document: all bytes of a PDF before it (EN 319 142-1 §5.4.3);
 * - container: the objects of an ASiC container (EN 319 162-1).
 */
export type TimestampKind =
  | 'content'
  | 'signature'
  | 'references'
  | 'validation-data'
  | 'archive'
  | 'document'
  | 'container'

/** What is found out about one RFC 3161 token before anything is said of trust in its TSA. */
export interface CheckedTimestamp {
  readonly kind: TimestampKind
  /** Undefined where the token cannot be read. */
  readonly genTime: Date | undefined
  /** The TSTInfo's own accuracy in milliseconds, 0 where it gives none. */
  readonly accuracy: number
  /** Whether the imprint is the digest of what the token should stand over; null where that is not at hand. */
  readonly imprintMatch: boolean | null
  /** Whether the TSA's CMS signature fits the TSTInfo (RFC 5652 §5.6) and names its certificate (RFC 5816). */
  readonly intact: boolean
  readonly tsa?: Certificate
  readonly material: ValidationMaterial
  readonly policyOid?: string
  readonly serial?: string
  readonly imprintAlgorithm?: string
  readonly digestAlgorithm?: string
  readonly signatureAlgorithm?: string
  /** Whether imprint, digest, signature and key are of today's strength. */
  readonly strong: boolean
  readonly checks: readonly SignatureCheck[]
  /** The token, DER: the evidence itself. */
  readonly der: Uint8Array
}
