import type { Certificate } from './certificate.ts'

/** CRLReason of RFC 5280 §5.3.1, by number. */
export const REVOCATION_REASONS = {
  0: 'unspecified',
  1: 'keyCompromise',
  2: 'cACompromise',
  3: 'affiliationChanged',
  4: 'superseded',
  5: 'cessationOfOperation',
  6: 'certificateHold',
  8: 'removeFromCRL',
  9: 'privilegeWithdrawn',
  10: 'aACompromise',
} as const
export type RevocationReason = (typeof REVOCATION_REASONS)[keyof typeof REVOCATION_REASONS]

/** What CRLs and OCSP responses say of one certificate. */
export interface RevocationAnswer {
  readonly certificate: Certificate
  /** `not-needed`: the anchor itself, or a responder with id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1). */
  readonly status: 'good' | 'revoked' | 'unknown' | 'not-needed'
  readonly source?: 'crl' | 'ocsp'
  /** It counts as revoked from then on: before that it was good. */
  readonly revokedAt?: Date
  /** From when on the key may have been in wrong hands, by the CA's knowledge (RFC 5280 §5.3.2); before `revokedAt`. */
  readonly invalidFrom?: Date
  readonly reason?: RevocationReason
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date
  /** Until when the answer may be kept; it is none at all afterwards. */
  readonly freshUntil?: Date
  /** Why it is unknown, in a word of this code: `none-at-hand`, `stale`, `signature`, `responder`, `scope`, ... */
  readonly why?: string
  /** The algorithm or the key that it is signed with is weak by today's measure. */
  readonly weak?: true
  /** The CRL or the OCSP response, DER, that the answer rests on. */
  readonly evidence?: Uint8Array
}

/**
 * Where CRLs and OCSP responses are had from: a function of this shape is passed in, the verifier does no I/O.
 * DER; empty where nothing can be had. Never throws: an unreachable responder leaves the status unknown.
 */
export interface RevocationSource {
  crls(certificate: Certificate, issuer: Certificate): Promise<readonly Uint8Array[]>
  ocsps(certificate: Certificate, issuer: Certificate): Promise<readonly Uint8Array[]>
  /** Whether there is anybody to ask at this moment; there is where the method is left out. */
  mayAsk?(): boolean
  /** The same for one signature of a document, with its own part of what may be asked; where the source has bounds. */
  forSignature?(): RevocationSource
}

export const NO_REVOCATION_SOURCE: RevocationSource = {
  crls: async () => [],
  ocsps: async () => [],
  mayAsk: () => false,
}

/** Whether a source has anybody to ask at this moment: that changes with the trust store. */
export const mayAsk = (source: RevocationSource | null): source is RevocationSource =>
  source !== null && source.mayAsk?.() !== false
