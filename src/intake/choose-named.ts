import type { AddressedDelivery } from '../db/deliveries.ts'
import type { SpokenNames } from '../domain/effects.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { Addressed } from '../domain/routing-rule.ts'

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
  predecessorsOf: PredecessorsOf,
): (name: NamedAs) => readonly D[] {
  const mentions = mentionsIn(deliveries, predecessorsOf)
  return (name) => mentions(name).map(({ delivery }) => delivery)
}

type PredecessorsOf = (code: AgencyCode) => readonly AgencyCode[]

interface Mention<D> {
  readonly delivery: D
  /** The agency or group by which it is spoken of. */
  readonly by: AgencyCode
}

function mentionsIn<D extends Named>(
  deliveries: readonly D[],
  predecessorsOf: PredecessorsOf,
): (name: NamedAs) => readonly Mention<D>[] {
  const meant = meantThen(deliveries)
  const byName = new Map<AgencyCode, Mention<D>[]>()
  for (const delivery of deliveries)
    for (const by of namesOf(delivery)) {
      const known = byName.get(by)
      if (known === undefined) byName.set(by, [{ delivery, by }])
      else known.push({ delivery, by })
    }
  const ofCode = (code: AgencyCode): readonly Mention<D>[] =>
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
  predecessorsOf: PredecessorsOf,
): D[] {
  return [...new Set(names.flatMap(spokenOf(deliveries, predecessorsOf)))]
}

/**
 * Which names of each delivery are spoken of, and which are left. The recipient's own code speaks for every name that led
 * to it, unless it is one of them itself.
 */
export function spokenNames<D extends Named>(
  deliveries: readonly D[],
  names: readonly NamedAs[],
  predecessorsOf: PredecessorsOf,
): Map<D, SpokenNames> {
  const mentioned = new Map<D, Set<AgencyCode>>()
  for (const { delivery, by } of names.flatMap(mentionsIn(deliveries, predecessorsOf)))
    mentioned.set(delivery, (mentioned.get(delivery) ?? new Set()).add(by))
  return new Map([...mentioned].map(([delivery, by]) => [delivery, namesBy(delivery.addressed, by)]))
}

function namesBy(addressed: readonly Addressed[], by: ReadonlySet<AgencyCode>): SpokenNames {
  const open = addressed.filter(({ withdrawnBy }) => withdrawnBy === undefined)
  const isSpoken = ({ code, group }: Addressed) => by.has(code) || (group !== undefined && by.has(group.code))
  if (!addressed.some(isSpoken)) return { spoken: open, left: [] }
  return { spoken: open.filter(isSpoken), left: open.filter((one) => !isSpoken(one)) }
}

const namesOf = ({ recipient, addressed }: Named) =>
  new Set([
    recipient,
    ...addressed.flatMap(({ code, group }) => (group === undefined ? [code] : [code, group.code])),
  ])
