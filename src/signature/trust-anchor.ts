import type { Certificate } from './x509/certificate.ts'

/** What an anchor is trusted for: signatures and seals, or timestamps. */
export type AnchorPurpose = 'signature' | 'timestamp'

export interface TrustAnchor {
  readonly certificate: Certificate
  readonly purposes: ReadonlySet<AnchorPurpose>
  /** When trust in it begins and ends: the operator's decision, apart from the certificate's own validity period. */
  readonly trustedFrom?: Date
  readonly trustedUntil?: Date
  readonly note?: string
}

export interface TrustStore {
  readonly anchors: readonly TrustAnchor[]
  /** Issuing CAs that signers leave out of their signatures. Help for building a path; not trusted by themselves. */
  readonly intermediates: readonly Certificate[]
}

/** What the verifier is told: whom to trust, and the time at which it judges. */
export interface VerifyContext {
  readonly trust: TrustStore
  readonly time: Date
}

export const EMPTY_TRUST: TrustStore = { anchors: [], intermediates: [] }
