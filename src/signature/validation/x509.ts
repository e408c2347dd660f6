import type { ValidationMaterial } from '../validation-material.ts'
import type { Certificate } from '../x509/certificate.ts'
import { validatePath } from '../x509/path.ts'
import type { PathFault, PathSettings, PathValidation } from '../x509/path-types.ts'
import type { RevocationAnswer } from '../x509/revocation.ts'
import { keepSoundPath, lastSoundPath } from '../x509/sound-path.ts'
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
  const { anchors, intermediates } = trust
  const isBare = usedAt === time && material.crls.length + material.ocsps.length === 0
  const embedded = material.certificates
  const question = { leaf: certificate, time, anchors, intermediates, embedded, purpose }
  const known = isBare ? lastSoundPath(question) : undefined
  if (known !== undefined) return known
  const settings: PathSettings = {
    anchors,
    material: { ...material, certificates: [...intermediates, ...embedded] },
    time: usedAt,
    ...(usedAt < time && { revocationUntil: time }),
    purpose,
    revocation: 'known',
    weakAlgorithms: 'report',
  }
  const validation = validatePath(certificate, settings)
  if (isBare) keepSoundPath(question, validation, settings)
  return validation
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
