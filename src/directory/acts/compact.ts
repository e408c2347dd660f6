import type { Delta, Fact, NewFact } from '../../domain/directory/fact.ts'
import { canonical } from '../../domain/directory/fact-values.ts'
import { atOnce, type Sliced } from '../slices.ts'
import { sortingByTopic } from './changes.ts'

/**
 * The smallest delta that says the same: facts of one topic that follow each other and say the same become one, and what
 * would be taken back only to be said again is left alone.
 */
export const compact = (retracted: readonly Fact[], asserted: readonly NewFact[]): Delta =>
  atOnce(compacting(retracted, asserted))

/** As `compact`, in steps. */
export function* compacting(retracted: Iterable<Fact>, asserted: Iterable<NewFact>): Sliced<Delta> {
  const left = new Map<string, number>()
  for (const fact of retracted) {
    left.set(identity(fact), fact.id)
    yield
  }
  const isNew = (fact: NewFact): boolean => !left.delete(identity(fact))
  const said: NewFact[] = []
  for (const fact of asserted) {
    if (isNew(fact)) said.push(fact)
    yield
  }
  const compacted: NewFact[] = []
  for (const topic of (yield* sortingByTopic(said)).values()) {
    compacted.push(...joined(topic).filter(isNew))
    yield
  }
  return { asserted: compacted, retracted: [...left.values()] }
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
