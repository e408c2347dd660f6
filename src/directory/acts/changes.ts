import { holdsOn, type NewFact } from '../../domain/directory/fact.ts'
import { addToTopic, saysTheSame } from '../../domain/directory/fact-values.ts'
import { segments } from '../../domain/directory/intervals.ts'
import { atOnce, type Sliced } from '../slices.ts'
import type { Change } from './outcome.ts'

/**
 * What is otherwise, and from which day, once facts were taken back and others said in their place. What is taken back
 * and said again for the same days is no change.
 */
export const changesOf = (retracted: readonly NewFact[], asserted: readonly NewFact[]): Change[] =>
  atOnce(comparingFacts(retracted, asserted))

/** As `changesOf`, in steps. */
export function* comparingFacts(retracted: Iterable<NewFact>, asserted: Iterable<NewFact>): Sliced<Change[]> {
  const before = yield* sortingByTopic(retracted)
  const after = yield* sortingByTopic(asserted)
  const changes: Change[] = []
  for (const [topic, was] of before) {
    changes.push(...changesOfTopic(was, after.get(topic) ?? []))
    yield
  }
  for (const [topic, is] of after) {
    if (!before.has(topic)) changes.push(...changesOfTopic([], is))
    yield
  }
  return changes
}

/** As `byTopic`, in steps. */
export function* sortingByTopic<F extends NewFact>(facts: Iterable<F>): Sliced<Map<string, F[]>> {
  const topics = new Map<string, F[]>()
  for (const fact of facts) {
    addToTopic(topics, fact)
    yield
  }
  return topics
}

function changesOfTopic(before: readonly NewFact[], after: readonly NewFact[]): Change[] {
  const changes: Change[] = []
  for (const { validFrom: from, validTo: to } of segments([...before, ...after])) {
    const was = before.find((fact) => holdsOn(fact, from))
    const is = after.find((fact) => holdsOn(fact, from))
    const any = is ?? was
    if (any === undefined || (was && is && saysTheSame(was.value, is.value))) continue
    const last = changes.at(-1)
    if (last !== undefined && last.to === from && same(last.before, was) && same(last.after, is))
      changes[changes.length - 1] = { ...last, to }
    else
      changes.push({
        subject: any.subject,
        kind: any.kind,
        from,
        to,
        before: was?.value,
        after: is?.value,
      })
  }
  return changes
}

const same = (value: Change['before'], fact: NewFact | undefined): boolean =>
  value === undefined || fact === undefined ? value === fact?.value : saysTheSame(value, fact.value)
