import type { Delta, Fact, NewFact } from '../../domain/directory/fact.ts'
import { byTopic, canonical } from '../../domain/directory/fact-values.ts'

/**
 * The smallest delta that says the same: facts of one topic that follow each other and say the same become one, and what
 * would be taken back only to be said again is left alone.
 */
export function compact(retracted: readonly Fact[], asserted: readonly NewFact[]): Delta {
  const left = new Map(retracted.map((fact) => [identity(fact), fact.id]))
  const isNew = (fact: NewFact): boolean => !left.delete(identity(fact))
  const said = asserted.filter(isNew)
  const topics = [...byTopic(said).values()]
  return { asserted: topics.flatMap(joined).filter(isNew), retracted: [...left.values()] }
}

const identity = (fact: NewFact): string =>
  [fact.subject, fact.kind, fact.validFrom, fact.validTo ?? '', canonical(fact.value)].join('\n')

function joined(topic: readonly NewFact[]): NewFact[] {
  const facts: NewFact[] = []
  for (const fact of [...topic].sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1))) {
    const last = facts.at(-1)
    if (last?.validTo === fact.validFrom && canonical(last.value) === canonical(fact.value))
      facts[facts.length - 1] = { ...last, validTo: fact.validTo }
    else facts.push(fact)
  }
  return facts
}
