import type { Fact } from '../../domain/directory/fact.ts'

type Values = { readonly [K in Fact['kind']]: Extract<Fact, { kind: K }>['value'] }

/** A value that says nothing beyond its kind is one object. */
const NOTHING: Values['existence'] = {}

/**
 * Makes copies of facts that share equal codes, tiers, days and placements: a full directory names each code several
 * times over, and a database driver gives a string of its own each time. Written out field by field, so that all copies
 * have one shape and no room to spare.
 */
export function sharingStrings(): (fact: Fact) => Fact {
  const known = new Map<string, string>()
  const one = <S extends string | null>(text: S): S => {
    if (text === null) return text
    const found = known.get(text)
    if (found !== undefined) return found as S
    known.set(text, text)
    return text
  }
  const placements = new Map<string, Values['placement']>()
  const placement = ({ tier, parent }: Values['placement']): Values['placement'] => {
    const key = `${tier} ${parent ?? ''}`
    const found = placements.get(key)
    if (found !== undefined) return found
    const made = { tier: one(tier), parent: one(parent) }
    placements.set(key, made)
    return made
  }
  const slim: { readonly [K in Fact['kind']]?: (value: Values[K]) => Values[K] } = {
    existence: () => NOTHING,
    name: ({ name }) => ({ name }),
    placement,
    alias: ({ alias, form }) => ({ alias, form: one(form) }),
  }
  const copy = <K extends Fact['kind']>(fact: Fact, kind: K, value: Values[K]) => ({
    id: fact.id,
    subject: one(fact.subject),
    kind: one(kind),
    value: slim[kind]?.(value) ?? value,
    validFrom: one(fact.validFrom),
    validTo: one(fact.validTo),
    assertedIn: fact.assertedIn,
    retractedIn: fact.retractedIn,
  })
  return (fact) => copy(fact, fact.kind, fact.value) as Fact
}
