import type { AddressedDelivery } from '../db/deliveries.ts'
import type { NamedAs } from './choose-named.ts'
import type { IdentifiedDocument } from './submission.ts'

/** Earlier deliveries of which a packet can speak here: of what went to others, it is for others to be told. */
export const narrowDeliveries = (
  { handedIn }: IdentifiedDocument,
  deliveries: readonly AddressedDelivery[],
): readonly AddressedDelivery[] =>
  handedIn === null ? deliveries : deliveries.filter((delivery) => handedIn.meets(delivery))

/**
 * The names by which a packet speaks of them here. A group stays, for its deliveries are narrowed; so does what nobody
 * knows by now, for it may have meant somebody then. Another exchange that has expanded a group tells of its members.
 */
export function narrowNames(
  { handedIn, registry: { directory } }: IdentifiedDocument,
  names: readonly NamedAs[] | null,
): readonly NamedAs[] | null {
  if (handedIn === null || names === null) return names
  const stays = ({ spelling, code }: NamedAs) =>
    code === undefined || directory.isGroup(code) || handedIn.names(spelling ?? code)
  const members = handedIn.isSure ? handedIn.codes.map((code) => ({ spelling: null, code })) : []
  return [...names.filter(stays), ...members]
}
