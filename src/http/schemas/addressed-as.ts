import { type Static, Type } from 'typebox'
import { namedOtherwise } from '../../domain/addressed.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Addressed } from '../../domain/routing-rule.ts'
import { AddressedSchema } from './route-explanation.ts'

/** Beside the recipient's own code and name, as part of whatever tells of a delivery. */
export const AddressedAs = Type.Optional(
  Type.Array(AddressedSchema, {
    description:
      'What the packet named, where that was a closed agency, a group, or another spelling, with the way from there',
  }),
)

type Told = { addressedAs?: Static<typeof AddressedSchema>[] }

/** Nothing where the packet named the recipient by its own code. */
export function presentAddressedAs(recipient: AgencyCode, addressed: readonly Addressed[] | undefined): Told {
  const others = namedOtherwise(recipient, addressed)
  return others.length === 0 ? {} : { addressedAs: others.map(presentAddressed) }
}

export const presentAddressed = ({ hops, ...one }: Addressed) => ({ ...one, hops: [...hops] })
