import type { ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'
import { validatePath } from '../x509/path.ts'
import type { PathFault, PathSettings, PathValidation } from '../x509/path-types.ts'
import type { RevocationAnswer } from '../x509/revocation.ts'
import type { FullContext } from './context.ts'

/** A certificate and the one that issued it. */
export interface IssuedPair {
  readonly certificate: Certificate
  readonly issuer: Certificate
}

export const pairsOf = (path: readonly Certificate[]): IssuedPair[] =>
  path.slice(0, -1).map((certificate, index) => ({ certificate, issuer: path[index + 1]! }))

/**
 * The best path as it was at `usedAt`, by what is known of revocation now. Weak algorithms are told and left to the
 * policy; what is unknown of revocation is no fault here.
 */
export function pathAt(
  certificate: Certificate,
  purpose: PathSettings['purpose'],
  material: ValidationMaterial,
  { trust, time }: Pick<FullContext, 'trust' | 'time'>,
  usedAt: Date = time,
): PathValidation {
  return validatePath(certificate, {
    anchors: trust.anchors,
    material: { ...material, certificates: [...trust.intermediates, ...material.certificates] },
    time: usedAt,
    ...(usedAt < time && { revocationUntil: time }),
    purpose,
    revocation: 'known',
    weakAlgorithms: 'report',
  })
}

/** What stands against a path, with the weaknesses that the policy is to weigh, and without revocation. */
export function faultsOf({ status, faults, weaknesses }: PathValidation): readonly PathFault[] {
  const weak = weaknesses.filter((one) =>
    faults.every(({ check, certificate }) => check !== one.check || certificate !== one.certificate),
  )
  const found = [...faults.filter(({ check }) => check !== 'revocation'), ...weak]
  const isUnexplained = status !== 'valid' && faults.length === 0
  return isUnexplained ? [{ check: 'chain', reason: 'key-unsupported' }, ...found] : found
}

/** What the material says of one certificate now. */
export const answerNow = (
  { certificate }: IssuedPair,
  material: ValidationMaterial,
  context: FullContext,
): RevocationAnswer =>
  pathAt(certificate, 'any', material, context).revocation[0] ?? { certificate, status: 'unknown' }
