import { holdsOn, type NewFact } from '../../domain/directory/fact.ts'
import { byTopic, saysTheSame } from '../../domain/directory/fact-values.ts'
import { segments } from '../../domain/directory/intervals.ts'
import type { Change } from './outcome.ts'

/**
 * What is otherwise, and from which day, once facts were taken back and others said in their place. What is taken back
 * and said again for the same days is no change.
 */
export function changesOf(retracted: readonly NewFact[], asserted: readonly NewFact[]): Change[] {
  const before = byTopic(retracted)
  const after = byTopic(asserted)
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((topic) =>
    changesOfTopic(before.get(topic) ?? [], after.get(topic) ?? []),
  )
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
