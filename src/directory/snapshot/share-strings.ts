import { FACT_KIND_IDS, type Fact } from '../../domain/directory/fact.ts'

/** Values that say nothing beyond their kind are one object. */
const NOTHING = {} as const
const KINDS = new Map(FACT_KIND_IDS.map((kind) => [kind as string, kind]))

/**
 * Makes copies of facts that share equal codes, tiers and days: a full directory names each code several times over,
 * and a database driver gives a string of its own each time.
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
  return (fact) => {
    const common = {
      id: fact.id,
      subject: one(fact.subject),
      validFrom: one(fact.validFrom),
      validTo: one(fact.validTo),
      assertedIn: fact.assertedIn,
      retractedIn: fact.retractedIn,
    }
    if (fact.kind === 'existence') return { ...common, kind: 'existence', value: NOTHING }
    if (fact.kind === 'name') return { ...common, kind: 'name', value: { name: fact.value.name } }
    if (fact.kind === 'placement') {
      const { tier, parent } = fact.value
      return { ...common, kind: 'placement', value: { tier: one(tier), parent: one(parent) } }
    }
    if (fact.kind === 'alias') {
      const { alias, form } = fact.value
      return { ...common, kind: 'alias', value: { alias, form: one(form) } }
    }
    return { ...fact, ...common, kind: KINDS.get(fact.kind) ?? fact.kind } as Fact
  }
}
