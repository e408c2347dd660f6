import type { AddressedDelivery } from '../db/deliveries.ts'
import type { AgencyCode } from '../domain/identifiers.ts'

type Named = Pick<AddressedDelivery, 'recipient' | 'addressed'>

/**
 * Tells which deliveries a name speaks of: a delivery is spoken of by its recipient, and by every name that led to it,
 * of a group too. A name that fits none speaks for those from whom its agency took over.
 */
export function spokenOf<D extends Named>(
  deliveries: readonly D[],
  predecessorsOf: (code: AgencyCode) => readonly AgencyCode[],
): (name: AgencyCode) => readonly D[] {
  const byName = new Map<AgencyCode, D[]>()
  for (const delivery of deliveries)
    for (const name of namesOf(delivery)) {
      const known = byName.get(name)
      if (known === undefined) byName.set(name, [delivery])
      else known.push(delivery)
    }
  return (name) => byName.get(name) ?? predecessorsOf(name).flatMap((earlier) => byName.get(earlier) ?? [])
}

/** The deliveries that names speak of, each once. */
export function chooseNamed<D extends Named>(
  deliveries: readonly D[],
  names: readonly AgencyCode[],
  predecessorsOf: (code: AgencyCode) => readonly AgencyCode[],
): D[] {
  return [...new Set(names.flatMap(spokenOf(deliveries, predecessorsOf)))]
}

const namesOf = ({ recipient, addressed }: Named) =>
  new Set([
    recipient,
    ...addressed.flatMap(({ code, group }) => (group === undefined ? [code] : [code, group.code])),
  ])
