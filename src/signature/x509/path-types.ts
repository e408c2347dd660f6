import type { SignatureCheck } from '../../domain/signature-report.ts'
import type { CheckId } from '../checks.ts'
import type { ReasonId } from '../reasons.ts'
import type { AnchorPurpose, TrustAnchor } from '../trust-anchor.ts'
import type { ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from './certificate.ts'
import type { PolicySettings } from './policy-graph.ts'
import type { RevocationAnswer } from './revocation.ts'

/** The inputs of RFC 5280 §6.1.1, and what an application adds to them. */
export interface PathSettings {
  readonly anchors: readonly TrustAnchor[]
  /** Help for building: never trusted by itself. CRLs and OCSP responses prove themselves. */
  readonly material: ValidationMaterial
  /** The time at which every certificate must be within its validity period, and revocation is judged. */
  readonly time: Date
  /** `any` asks nothing of the leaf's key usage. */
  readonly purpose: AnchorPurpose | 'any'
  /**
   * `required`: every certificate below the anchor must be known as good; `known`: only what is known to be revoked
   * fails; `none`: not looked at.
   */
  readonly revocation: 'required' | 'known' | 'none'
  /**
   * The latest time at which revocation information may have been made; `time` unless given. With a later one the past is
   * judged by what is known since: `time` is then when the certificates were used.
   */
  readonly revocationUntil?: Date
  /** How old the newest revocation information may be at `time` where it names no nextUpdate, in milliseconds. */
  readonly maxRevocationAge?: number
  /** RFC 5280 §6.1.1 (c), (e), (f), (g); any policy and no demands unless given. */
  readonly policies?: PolicySettings
  /** `report`: SHA-1, RSA below 2048 bits and the like are told as weaknesses and fail nothing; `fail` unless given. */
  readonly weakAlgorithms?: 'fail' | 'report'
  /**
   * Whether what an anchor's certificate says of itself (validity, basicConstraints, name constraints, policies, ...)
   * binds the path (RFC 5937); otherwise an anchor is a name and a key (RFC 5280 §6.1.1 (d)). `enforced` unless given.
   */
  readonly anchorConstraints?: 'enforced' | 'ignored'
  /** Whether a leaf that is an anchor itself is a path; true unless given. */
  readonly anchorAsLeaf?: boolean
  /** Extended key usages of which the leaf and every CA must allow one, beyond what `purpose` asks. */
  readonly extendedKeyUsage?: readonly string[]
  /** Intermediate certificates that are not self-issued. */
  readonly maxIntermediates?: number
  /** `strict`: also what RFC 5280 §4 demands of CAs and does not have validators check. `tolerant` unless given. */
  readonly profile?: 'strict' | 'tolerant'
}

export interface PathFault {
  readonly check: CheckId
  readonly reason: ReasonId
  readonly found?: string
  /** The certificate at fault, where it is one. */
  readonly certificate?: Certificate
}

export interface PathValidation {
  /** `unsupported`: nothing is wrong, but something in the path cannot be judged here, such as a DSA key. */
  readonly status: 'valid' | 'invalid' | 'unsupported'
  /** From the leaf to the anchor; empty where none was found. The best path found: the one with the fewest faults. */
  readonly path: readonly Certificate[]
  readonly anchor?: TrustAnchor
  readonly faults: readonly PathFault[]
  /** Algorithms and keys that are weak by today's measure, whether or not they are faults. */
  readonly weaknesses: readonly PathFault[]
  /** One answer for each certificate of the path below the anchor, in order. */
  readonly revocation: readonly RevocationAnswer[]
  /** Policies that the path is valid for (RFC 5280 §6.1.6), `2.5.29.32.0` for any. */
  readonly policies: readonly string[]
  readonly checks: readonly SignatureCheck[]
}
