import { childrenOf, type Der, DerError, DerReader, insideOf, TAG } from './der.ts'
import { bitAt, bitsOf } from './der-values.ts'
import { type GeneralName, readGeneralNames } from './general-name.ts'
import { type Name, nameOfRdns } from './name.ts'

/** ReasonFlags of RFC 5280 §4.2.1.13 as bits of a number; bit 0 (unused) is left out. */
export const ALL_REASONS = 0b1_1111_1110

/** A DistributionPointName: names in full, or relative to the issuer of the CRL. */
export type PointName =
  | { readonly kind: 'full'; readonly names: readonly GeneralName[] }
  | { readonly kind: 'relative'; readonly relative: Der }

export interface DistributionPoint {
  readonly name?: PointName
  /** Bits of `ALL_REASONS`. */
  readonly reasons: number
  readonly crlIssuer?: readonly GeneralName[]
}

const MAX_POINTS = 200

/** CRLDistributionPoints (RFC 5280 §4.2.1.13). @throws DerError */
export function readDistributionPoints(value: Der): DistributionPoint[] {
  if (value.tag !== TAG.sequence) throw new DerError('distribution points')
  const points = childrenOf(value, MAX_POINTS).map((each) => {
    const reader = new DerReader(each)
    const name = reader.optional(0xa0)
    const reasons = reader.optional(0x81)
    const issuer = reader.optional(0xa2)
    reader.finish()
    if (name === undefined && issuer === undefined) throw new DerError('empty distribution point')
    return {
      ...(name && { name: readPointName(insideOf(name)) }),
      reasons: reasons === undefined ? ALL_REASONS : readReasons(reasons),
      ...(issuer && { crlIssuer: readGeneralNames(issuer) }),
    }
  })
  if (points.length === 0) throw new DerError('no distribution point')
  return points
}

/** A DistributionPointName, of which the choice is `value`. @throws DerError */
export function readPointName(value: Der): PointName {
  if (value.tag === 0xa0) return { kind: 'full', names: readGeneralNames(value) }
  if (value.tag === 0xa1) return { kind: 'relative', relative: value }
  throw new DerError('distribution point name')
}

/** ReasonFlags as bits of `ALL_REASONS`. @throws DerError */
export function readReasons(value: Der): number {
  const { bytes } = bitsOf(value)
  let reasons = 0
  for (let index = 1; index <= 8; index++) if (bitAt(bytes, index)) reasons |= 1 << index
  return reasons
}

/**
 * The keys of the names that a point name stands for: a relative one is an RDN below the CRL issuer's name.
 * @throws DerError
 */
export function pointKeys(point: PointName, crlIssuer: Name): string[] {
  if (point.kind === 'full') return point.names.map(({ key }) => key)
  const { relative } = point
  const set: Der = { ...relative, tag: TAG.set }
  const below = nameOfRdns(set, [set])
  return [`4:${[...crlIssuer.rdns, ...below.rdns].join('\u0002')}`]
}
