import type { Delta, EndpointValue } from '../domain/directory/fact.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { say } from './acts/say.ts'
import { Workbench } from './acts/workbench.ts'
import { atOnce } from './slices.ts'
import type { DirectorySnapshot } from './snapshot/snapshot.ts'

/**
 * What to say and take back so that an agency has an endpoint from today on, or none of its own (null), until the next
 * one that is already on record for a later day, or its closing. An agency speaks for its own code alone (the database holds to
 * it): another code that is on record for it keeps what it has until it speaks there. A day is the smallest step: what began today is taken back whole.
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
  const { asserted, retracted } = atOnce(bench.delta())
  return {
    asserted: asserted.filter(({ subject }) => subject === agency),
    retracted: retracted.filter((id) => directory.factById(id)?.subject === agency),
  }
}
