import type { NewFact } from '../../domain/directory/fact.ts'

/** An agency of level 1 as the facts tell of it: open for good, or until it ended. */
export interface TopAgency {
  readonly code: string
  /** Its latest. */
  readonly name: string
  readonly tier: string
  readonly from: string
  readonly to: string | null
  /** Who took over from it. */
  readonly heir: string | null
}

/** The agencies of level 1 that some facts tell of, in the order of the facts. */
export function topAgencies(facts: readonly NewFact[]): TopAgency[] {
  const heirs = new Map(
    facts.flatMap((fact) => (fact.kind === 'succession' ? [[fact.subject, fact.value.main]] : [])),
  )
  const names = new Map(
    facts.flatMap((fact) => (fact.kind === 'name' ? [[fact.subject, fact.value.name]] : [])),
  )
  const tiers = new Map(
    facts.flatMap((fact) => (fact.kind === 'placement' ? [[fact.subject, fact.value.tier]] : [])),
  )
  return facts.flatMap((fact) =>
    fact.kind !== 'existence'
      ? []
      : [
          {
            code: fact.subject,
            name: names.get(fact.subject) ?? fact.subject,
            tier: tiers.get(fact.subject) ?? 'central',
            from: fact.validFrom,
            to: fact.validTo,
            heir: heirs.get(fact.subject) ?? null,
          },
        ],
  )
}
