import type { Delta, EndpointValue, NewFact } from '../domain/directory/fact.ts'
import { saysTheSame } from '../domain/directory/fact-values.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { say } from './acts/say.ts'
import { Workbench } from './acts/workbench.ts'
import { atOnce } from './slices.ts'
import type { DirectorySnapshot } from './snapshot/snapshot.ts'

/**
 * What to say and take back so that an agency has an endpoint from today on, or none of its own (null), until the next
 * one that is already on record for a later day, or its closing. Where another code is on record for it, the choice goes
 * on to that one, as far as nothing else was said there. A day is the smallest step: what began today is taken back whole.
 * @param today `yyyy-MM-dd`, Vietnam
 */
export function endpointFromToday(
  directory: DirectorySnapshot,
  agency: AgencyCode,
  endpoint: EndpointValue | null,
  today: string,
): Delta {
  const bench = new Workbench(directory)
  const value = endpoint ?? undefined
  say(bench, { kind: 'endpoint', key: '', subject: agency, value, on: today, until: null })
  const delta = atOnce(bench.delta())
  const takenBack = delta.retracted.flatMap((id) => directory.factById(id) ?? [])
  // The database lets an agency say no more of another code: where more would be needed, it is left to a draft.
  return goesOn(delta.asserted, agency) && goesOn(takenBack, agency)
    ? delta
    : {
        asserted: delta.asserted.filter(({ subject }) => subject === agency),
        retracted: takenBack.filter(({ subject }) => subject === agency).map(({ id }) => id),
      }
}

/** Whether every fact of another code begins where the same value of the code before it ends. */
const goesOn = (facts: readonly NewFact[], agency: AgencyCode): boolean =>
  facts.every(
    (fact) =>
      fact.subject === agency ||
      facts.some(
        (before) =>
          before.subject !== fact.subject &&
          before.validTo === fact.validFrom &&
          saysTheSame(before.value, fact.value),
      ),
  )
