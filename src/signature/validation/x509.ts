import type { AnchorPurpose, TrustStore } from '../trust-store.ts'
import type { ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'
import { checkPath } from '../x509/path.ts'
import type { PathFault, PathValidation } from '../x509/path-types.ts'
import type { RevocationAnswer } from '../x509/revocation.ts'

/** A certificate and the one that issued it. */
export interface IssuedPair {
  readonly certificate: Certificate
  readonly issuer: Certificate
}

/** The best path at `time`; revocation is asked for apart, at times of its own. */
export function pathAt(
  certificate: Certificate,
  purpose: AnchorPurpose,
  material: ValidationMaterial,
  trust: TrustStore,
  time: Date,
): PathValidation {
  const result = checkPath(certificate, material.certificates, trust, purpose, time)
  const faults = result.checks
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ check, code }) => ({ check, reason: code }) as PathFault)
  return {
    status: result.trusted ? 'valid' : 'invalid',
    path: result.path,
    faults,
    weaknesses: [],
    revocation: [],
    policies: [],
    checks: result.checks,
  }
}

/** What the material says of one certificate at `time`. */
export const statusAt = (
  { certificate }: IssuedPair,
  _material: ValidationMaterial,
  _trust: TrustStore,
  _time: Date,
): RevocationAnswer => ({ certificate, status: 'unknown', why: 'none-at-hand' })

export const pairsOf = (path: readonly Certificate[]): IssuedPair[] =>
  path.slice(0, -1).map((certificate, index) => ({ certificate, issuer: path[index + 1]! }))
