import type { Sha256 } from './identifiers.ts'

/** X.509 certificate, CertificateList, OCSPResponse, RFC 3161 token. */
export type EvidenceKind = 'certificate' | 'crl' | 'ocsp' | 'token'

/** One thing that the judgement of a signature rests on, by the digest of its DER. */
export interface EvidenceFacts {
  readonly kind: EvidenceKind
  readonly sha256: Sha256
  /** In bytes. */
  readonly length: number
}

export interface EvidenceItem extends EvidenceFacts {
  readonly der: Uint8Array
}
