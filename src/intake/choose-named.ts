import type { AddressedDelivery } from '../db/deliveries.ts'
import type { AgencyCode } from '../domain/identifiers.ts'

type Named = Pick<AddressedDelivery, 'recipient' | 'addressed'>

/** A name as a packet spells it, and the code that the spelling stands for by now. */
export interface NamedAs {
  /** Null where no packet spells it. */
  readonly spelling: string | null
  readonly code: AgencyCode | undefined
}

/** Codes by spelling. */
export type MeantThen = ReadonlyMap<string, ReadonlySet<AgencyCode>>

/**
 * The codes for which spellings stood when deliveries were addressed by them: an alias may be another agency's since, but
 * who speaks of an old document means whom it meant.
 */
export function meantThen(deliveries: readonly Named[]): MeantThen {
  const meant = new Map<string, Set<AgencyCode>>()
  for (const { addressed } of deliveries)
    for (const { spelling, code, group } of addressed) {
      const codes = meant.get(spelling) ?? new Set<AgencyCode>()
      meant.set(spelling, codes.add(group?.code ?? code))
    }
  return meant
}

/**
 * Tells which deliveries a name speaks of: a delivery is spoken of by its recipient, and by every name that led to it,
 * of a group too. A name that fits none speaks for those from whom its agency took over.
 */
export function spokenOf<D extends Named>(
  deliveries: readonly D[],
  predecessorsOf: (code: AgencyCode) => readonly AgencyCode[],
): (name: NamedAs) => readonly D[] {
  const meant = meantThen(deliveries)
  const byName = new Map<AgencyCode, D[]>()
  for (const delivery of deliveries)
    for (const name of namesOf(delivery)) {
      const known = byName.get(name)
      if (known === undefined) byName.set(name, [delivery])
      else known.push(delivery)
    }
  const ofCode = (code: AgencyCode): readonly D[] =>
    byName.get(code) ?? predecessorsOf(code).flatMap((earlier) => byName.get(earlier) ?? [])
  return ({ spelling, code }) => {
    const then = spelling === null ? undefined : meant.get(spelling)
    return [...(then ?? (code === undefined ? [] : [code]))].flatMap(ofCode)
  }
}

/** The deliveries that names speak of, each once. */
export function chooseNamed<D extends Named>(
  deliveries: readonly D[],
  names: readonly NamedAs[],
  predecessorsOf: (code: AgencyCode) => readonly AgencyCode[],
): D[] {
  return [...new Set(names.flatMap(spokenOf(deliveries, predecessorsOf)))]
}

const namesOf = ({ recipient, addressed }: Named) =>
  new Set([
    recipient,
    ...addressed.flatMap(({ code, group }) => (group === undefined ? [code] : [code, group.code])),
  ])
