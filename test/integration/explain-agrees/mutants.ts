import type { ExplainParts } from '../../../src/directory/explain/question.ts'
import { DirectorySnapshot } from '../../../src/directory/snapshot/snapshot.ts'
import type { Fact } from '../../../src/domain/directory/fact.ts'
import { type AgencyCode, agencyCode } from '../../../src/domain/identifiers.ts'
import type { TableRule } from '../../../src/domain/routing-rule.ts'
import type { Outcome } from './outcome.ts'

/** The same table with its last rule first. */
export const withRuleMoved = (parts: ExplainParts): ExplainParts => {
  const rules: TableRule[] = [...parts.table.rules]
  const last = rules.pop()
  return { ...parts, table: { ...parts.table, rules: last === undefined ? rules : [last, ...rules] } }
}

/** The directory in which another agency took over from the one whose succession was followed most. */
export function withOtherHeir(outcomes: readonly Outcome[]): (parts: ExplainParts) => ExplainParts {
  const steps = outcomes.flatMap(({ deliveries }) =>
    deliveries.flatMap(({ route }) =>
      route.addressed.flatMap(({ hops }) => hops.map(({ from }) => from.code)),
    ),
  )
  const followed = mostFrequent(steps)
  const made = new Map<DirectorySnapshot, DirectorySnapshot>()
  return (parts) => {
    const directory = made.get(parts.directory) ?? otherHeir(parts.directory, followed)
    made.set(parts.directory, directory)
    return { ...parts, directory }
  }
}

function mostFrequent<T>(list: readonly T[]): T {
  const counts = new Map<T, number>()
  for (const one of list) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0]
}

const otherHeir = (directory: DirectorySnapshot, closed: AgencyCode): DirectorySnapshot =>
  DirectorySnapshot.of(
    directory.revision,
    [...directory.codes()].flatMap((code) =>
      directory.factsOf(code).map((fact): Fact => {
        if (fact.subject !== closed || fact.kind !== 'succession') return fact
        return {
          ...fact,
          value: { ...fact.value, heirs: [{ code: agencyCode('G90') }], main: agencyCode('G90') },
        }
      }),
    ),
  )
