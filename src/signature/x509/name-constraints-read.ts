import { childrenOf, type Der, DerError, DerReader, TAG } from './der.ts'
import { countOf } from './der-values.ts'
import { type GeneralName, readGeneralName } from './general-name.ts'

export interface NameConstraints {
  /** Undefined where there is no list: that permits everything. */
  readonly permitted?: readonly GeneralName[]
  readonly excluded?: readonly GeneralName[]
}

const MAX_SUBTREES = 5000

/** NameConstraints (RFC 5280 §4.2.1.10): `minimum` is 0 and `maximum` absent in this profile. @throws DerError */
export function readNameConstraints(value: Der): NameConstraints {
  const reader = new DerReader(value)
  const permitted = reader.optional(0xa0)
  const excluded = reader.optional(0xa1)
  reader.finish()
  if (permitted === undefined && excluded === undefined) throw new DerError('empty name constraints')
  return {
    ...(permitted && { permitted: readSubtrees(permitted) }),
    ...(excluded && { excluded: readSubtrees(excluded) }),
  }
}

function readSubtrees(value: Der): GeneralName[] {
  const found = childrenOf(value, MAX_SUBTREES).map((each) => {
    const reader = new DerReader(each, TAG.sequence)
    const base = readGeneralName(reader.take())
    const minimum = reader.optional(0x80)
    reader.finish()
    if (minimum !== undefined && countOf(minimum) !== 0) throw new DerError('minimum of a subtree')
    return base
  })
  if (found.length === 0) throw new DerError('no subtree')
  return found
}
