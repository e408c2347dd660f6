import { DerError, DerReader, insideOf, readDer } from './der.ts'
import { booleanOf } from './der-values.ts'
import { ALL_REASONS, type PointName, readPointName, readReasons } from './distribution-point.ts'

/** IssuingDistributionPoint (RFC 5280 §5.2.5): what a CRL speaks of. */
export interface IssuingPoint {
  readonly name?: PointName
  readonly onlyUsers: boolean
  readonly onlyAuthorities: boolean
  readonly onlyAttributes: boolean
  /** Bits of `ALL_REASONS`. */
  readonly reasons: number
  readonly indirect: boolean
}

/** @throws DerError also where it speaks of users alone and of authorities alone */
export function readIssuingPoint(value: Uint8Array | undefined): IssuingPoint | undefined {
  if (value === undefined) return undefined
  const reader = new DerReader(readDer(value))
  const name = reader.optional(0xa0)
  const [users, authorities, reasons, indirect, attributes] = [0x81, 0x82, 0x83, 0x84, 0x85].map((tag) =>
    reader.optional(tag),
  )
  reader.finish()
  const [onlyUsers, onlyAuthorities, isIndirect, onlyAttributes] = [
    users,
    authorities,
    indirect,
    attributes,
  ].map((one) => one !== undefined && booleanOf(one))
  if ([onlyUsers, onlyAuthorities, onlyAttributes].filter(Boolean).length > 1) throw new DerError('scope')
  return {
    ...(name && { name: readPointName(insideOf(name)) }),
    onlyUsers: onlyUsers === true,
    onlyAuthorities: onlyAuthorities === true,
    onlyAttributes: onlyAttributes === true,
    reasons: reasons === undefined ? ALL_REASONS : readReasons(reasons),
    indirect: isIndirect === true,
  }
}
